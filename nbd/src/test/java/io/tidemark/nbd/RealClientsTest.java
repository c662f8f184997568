package io.tidemark.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clients people use, where they are installed; otherwise says which package has them. */
class RealClientsTest {
    private static final int SIZE = 64 << 20;

    @TempDir private Path folder;
    private TestServer server;
    private String uri = "";

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(SIZE, config -> config);
        uri = uri(server.address());
    }

    private static String uri(SocketAddress address) {
        return "nbd://127.0.0.1:" + ((InetSocketAddress) address).getPort() + "/r0/0";
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private static void needs(String program, String debianPackage) {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin", program)),
                "no " + program + " here: apt-get install " + debianPackage);
    }

    /** Runs a client to its end, serving it meanwhile, and returns what it said. */
    private String run(String... command) throws IOException {
        Path output = folder.resolve("output");
        Process process =
                new ProcessBuilder(List.of(command))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            server.until(String.join(" ", command), () -> !process.isAlive());
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(String.join(" ", command) + ": " + said).isZero();
        return said;
    }

    private Path image() throws IOException {
        byte[] bytes = new byte[SIZE];
        new Random(7).nextBytes(bytes);
        // A hole, as images have them.
        Arrays.fill(bytes, 10 << 20, 30 << 20, (byte) 0);
        return Files.write(folder.resolve("image"), bytes);
    }

    @Test
    void nbdinfo() throws IOException {
        needs("nbdinfo", "libnbd-bin");
        assertThat(run("nbdinfo", uri))
                .contains("export-size: " + SIZE)
                .contains("can_multi_conn: true")
                .contains("can_fua: true")
                .contains("can_trim: true")
                .contains("can_zero: true")
                .contains("block_size_preferred: 4096");
        assertThat(run("nbdinfo", "--list", uri.replace("/r0/0", "/")))
                .contains("export=\"r0/0\"")
                .contains("the only volume of r0");
    }

    @Test
    void nbdcopyBothWays() throws IOException {
        needs("nbdcopy", "libnbd-bin");
        Path image = image();
        run("nbdcopy", "--flush", image.toString(), uri);
        assertThat(server.device.content).isEqualTo(Files.readAllBytes(image));
        assertThat(server.device.taken).contains("FLUSH 0+0");
        Path back = folder.resolve("back");
        run(
                "nbdcopy",
                "--connections=4",
                "--requests=32",
                "--request-size=4194304",
                uri,
                back.toString());
        assertThat(Files.mismatch(image, back)).isNegative();
    }

    @Test
    void qemuImgConvertAndCompare() throws IOException {
        needs("qemu-img", "qemu-utils");
        Path image = image();
        assertThat(run("qemu-img", "info", uri)).contains("64 MiB");
        run("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", image.toString(), uri);
        assertThat(run("qemu-img", "compare", image.toString(), uri)).contains("identical");
        run("qemu-img", "bench", "-w", "-c", "2000", "-d", "32", "-f", "raw", uri);
    }

    @Test
    void qemuIo() throws IOException {
        needs("qemu-io", "qemu-utils");
        run(
                "qemu-io",
                "-t",
                "writeback",
                "-f",
                "raw",
                uri,
                "-c",
                "write -P 0x55 0 1M",
                "-c",
                "write -f -P 0x66 4096 8192",
                "-c",
                "write -P 0x77 1000 3",
                "-c",
                "writev -P 0x11 2M 512 1024",
                "-c",
                "write -z 512k 4k",
                "-c",
                "write -z -u 600k 4k",
                "-c",
                "discard 700k 64k",
                "-c",
                "flush",
                "-c",
                "read -P 0x66 4096 8192",
                "-c",
                "read -P 0x77 1000 3",
                "-c",
                "read -P 0 512k 4k",
                "-c",
                "read -P 0x55 900k 4k");
        assertThat(server.device.taken)
                .contains("WRITE 4096+8192 fua", "WRITE_ZEROES 524288+4096 no-hole")
                .contains("WRITE_ZEROES 614400+4096", "TRIM 716800+65536", "FLUSH 0+0");
    }

    @Test
    void qemuNbdList() throws IOException {
        needs("qemu-nbd", "qemu-utils");
        int port = ((InetSocketAddress) server.address()).getPort();
        assertThat(run("qemu-nbd", "--list", "-b", "127.0.0.1", "-p", String.valueOf(port)))
                .contains("r0/0");
    }

    @Test
    void fioVerifies() throws IOException {
        needs("fio", "fio");
        assumeTrue(
                run("fio", "--enghelp").contains("nbd"),
                "this fio has no nbd engine: take Debian's");
        run(
                "fio",
                "--name=verify",
                "--ioengine=nbd",
                "--uri=" + uri,
                "--rw=randwrite",
                "--bs=512-128k",
                "--bs_unaligned=1",
                "--size=32M",
                "--iodepth=32",
                "--verify=crc32c",
                "--verify_state_save=0",
                "--fsync=16");
    }

    @Test
    void libnbdOverAUnixSocket() throws IOException {
        needs("nbdcopy", "libnbd-bin");
        Path socket = folder.resolve("nbd.sock");
        server.close();
        server = new TestServer(SIZE, NbdAddress.parse("unix:" + socket), config -> config);
        Path image = image();
        run("nbdcopy", image.toString(), "nbd+unix:///r0/0?socket=" + socket);
        assertThat(server.device.content).isEqualTo(Files.readAllBytes(image));
    }
}
