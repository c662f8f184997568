package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The clients that people use: nbdcopy, qemu-io and fio, against two nodes. */
class RealClientsTest {
    private static final int MIB = 1 << 20;
    private static final int VOLUME = 64 * MIB;

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void whatTheyWriteEndsInBothPartitions() throws Exception {
        ClientProgram.assumeInstalled("nbdcopy", "qemu-io", "fio");
        cluster.configure(VOLUME).start();
        byte[] model = new byte[VOLUME];

        copyIn(model);
        qemuIo(model);
        fio(32 * MIB, 16 * MIB).awaitSuccess();
        Path copy = cluster.folder().resolve("out.img");
        ClientProgram.run(cluster.folder(), "nbdcopy", uri(), copy.toString());
        // fio has compared its own part; what is there after it is what nbdcopy read.
        try (FileChannel read = FileChannel.open(copy)) {
            read.read(ByteBuffer.wrap(model, 32 * MIB, 16 * MIB), 32 * MIB);
        }
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());

        Path truth = Files.write(cluster.folder().resolve("model.img"), model);
        assertThat(Files.mismatch(copy, truth)).as("nbdcopy and model").isEqualTo(-1);
        Path replica = cluster.partition(cluster.beta(), "r0-0");
        assertThat(Files.mismatch(replica, truth)).as("replica and model").isEqualTo(-1);
    }

    @Test
    void fioVerifiesWhatItWroteAlthoughTheReplicaWasKilledMeanwhile() throws Exception {
        ClientProgram.assumeInstalled("fio");
        cluster.configure(VOLUME, "peer-timeout = \"1 s\"").start();
        long before = cluster.alpha().status("r0").positions().appended();

        try (ClientProgram fio = fio(0, VOLUME)) {
            cluster.await(
                    cluster.alpha(),
                    "fio writes",
                    s -> s.positions().appended() > before + 8 * MIB);
            cluster.beta().kill();
            fio.awaitSuccess();
        }
        cluster.beta().start("replica");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    private void copyIn(byte[] model) throws IOException, InterruptedException {
        long seed = Long.getLong("tidemark.seed", ThreadLocalRandom.current().nextLong());
        System.out.println("image: -Dtidemark.seed=" + seed);
        byte[] image = new byte[16 * MIB];
        new SplittableRandom(seed).nextBytes(image);
        // A hole, which nbdcopy turns into a request of its own.
        Arrays.fill(image, 5 * MIB, 9 * MIB, (byte) 0);
        Path file = cluster.folder().resolve("in.img");
        try (FileChannel sparse =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            sparse.write(ByteBuffer.wrap(image, 0, 5 * MIB));
            sparse.write(ByteBuffer.wrap(image, 9 * MIB, 7 * MIB), 9 * MIB);
        }
        try (RandomAccessFile whole = new RandomAccessFile(file.toFile(), "rw")) {
            whole.setLength(image.length);
        }
        ClientProgram.run(cluster.folder(), "nbdcopy", "--flush", file.toString(), uri());
        System.arraycopy(image, 0, model, 0, image.length);
    }

    private void qemuIo(byte[] model) throws IOException, InterruptedException {
        String[] commands = {
            "write -P 0x5a 20M 1M",
            "write -f -P 0x11 20500k 64k",
            "write -P 0x22 512 1536",
            "write -z 20600k 40k",
            "discard 1M 128k",
            "flush",
            "read -P 0x5a 20M 20k",
            "read -P 0x11 20500k 64k",
            "read -P 0 1M 128k"
        };
        String[] arguments = new String[3 + 2 * commands.length];
        arguments[0] = "-f";
        arguments[1] = "raw";
        for (int i = 0; i < commands.length; i++) {
            arguments[2 + 2 * i] = "-c";
            arguments[3 + 2 * i] = commands[i];
        }
        arguments[arguments.length - 1] = uri();
        String output = ClientProgram.run(cluster.folder(), "qemu-io", arguments);
        assertThat(output).doesNotContain("failed").doesNotContain("error");
        Arrays.fill(model, 20 * MIB, 21 * MIB, (byte) 0x5a);
        Arrays.fill(model, 20500 << 10, 20564 << 10, (byte) 0x11);
        Arrays.fill(model, 512, 2048, (byte) 0x22);
        Arrays.fill(model, 20600 << 10, 20640 << 10, (byte) 0);
        Arrays.fill(model, MIB, MIB + (128 << 10), (byte) 0);
    }

    private ClientProgram fio(int from, int bytes) throws IOException {
        return ClientProgram.start(
                cluster.folder(),
                "fio",
                "--name=verify",
                "--ioengine=nbd",
                "--uri=" + uri(),
                "--rw=randwrite",
                "--bsrange=4k-256k",
                "--bs_unaligned=0",
                "--iodepth=16",
                "--offset=" + from,
                "--size=" + bytes,
                "--verify=crc32c",
                "--do_verify=1",
                "--verify_state_save=0",
                "--fsync=64",
                "--output-format=terse");
    }

    private String uri() {
        return cluster.alpha().settings().nbd().uri("r0");
    }
}
