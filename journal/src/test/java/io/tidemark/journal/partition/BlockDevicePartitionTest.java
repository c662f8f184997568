package io.tidemark.journal.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemark.journal.partition.PartitionException.Code;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On loop devices: skipped, with a message, where they cannot be had. */
class BlockDevicePartitionTest {
    private static final int BYTES = 16 << 20;

    @TempDir Path directory;

    private final List<String> attached = new ArrayList<>();
    private Path backing = Path.of("");

    @BeforeEach
    void needsLoopDevices() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "skipped: not root");
        backing = directory.resolve("backing.img");
        try (RandomAccessFile file = new RandomAccessFile(backing.toFile(), "rw")) {
            file.setLength(BYTES);
        }
    }

    @AfterEach
    void detach() throws Exception {
        for (String device : attached) {
            run("losetup", "-d", device);
        }
    }

    private Path loop(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("losetup", "--show", "-f"));
        command.addAll(List.of(options));
        command.add(backing.toString());
        String output;
        try {
            output = run(command.toArray(String[]::new));
        } catch (IOException e) {
            output = e.toString();
        }
        assumeTrue(output.startsWith("/dev/"), "skipped: no loop device: " + output);
        attached.add(output);
        return Path.of(output);
    }

    /** Its output, empty if it fails. */
    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? output.strip() : "";
    }

    private static Partition open(Path device) {
        return Partition.open(device, BYTES, CreateMode.CREATE_IF_MISSING);
    }

    private static PartitionException refusal(Path path, long size) {
        return catchThrowableOfType(
                PartitionException.class,
                () -> Partition.open(path, size, CreateMode.CREATE_IF_MISSING).close());
    }

    @Test
    void aDeviceIsWrittenZeroedAndReadBack() throws Exception {
        Path device = loop();
        byte[] bytes = new byte[BYTES];
        new Random(1).nextBytes(bytes);
        try (Partition partition = open(device)) {
            assertThat(partition.sizeBytes()).isEqualTo(BYTES);
            assertThat(partition.logicalBlockSize()).isEqualTo(512);
            assertThat(partition.hasData()).isFalse();
            assertThat(partition.created()).isFalse();
            assertThat(partition.identity()).isEqualTo("block loop " + backing);
            partition.write(BYTES - 1, ByteBuffer.wrap(new byte[] {1}));
            assertThat(partition.hasData()).isTrue();
            partition.write(0, ByteBuffer.wrap(bytes));
            for (int[] range : new int[][] {{4096, 8192}, {513, 510}, {100_001, 2_000_003}}) {
                for (boolean mayPunch : new boolean[] {true, false}) {
                    partition.write(range[0], ByteBuffer.wrap(bytes, range[0], range[1]));
                    partition.zero(range[0], range[1], mayPunch);
                    Arrays.fill(bytes, range[0], range[0] + range[1], (byte) 0);
                    ByteBuffer all = ByteBuffer.allocate(BYTES);
                    partition.read(0, all);
                    assertThat(Arrays.equals(all.array(), bytes)).isTrue();
                    new Random(2).nextBytes(bytes);
                    partition.write(0, ByteBuffer.wrap(bytes));
                }
            }
            partition.sync();
        }
        assertThat(Arrays.equals(Files.readAllBytes(backing), bytes)).isTrue();
    }

    @Test
    void aSecondOpenIsRefused() throws Exception {
        Path device = loop();
        try (Partition first = open(device)) {
            assertThat(first.created()).isFalse();
            PartitionException refusal = refusal(device, BYTES);
            assertThat(refusal.code()).isEqualTo(Code.IN_USE);
            assertThat(refusal).hasMessageContaining("this node itself");
        }
        open(device).close();
    }

    @Test
    void aMountedDeviceIsRefusedByItsMountPoint() throws Exception {
        Path device = loop();
        Path mountPoint = Files.createDirectory(directory.resolve("mounted here"));
        run("mkfs.ext4", "-q", device.toString());
        run("mount", device.toString(), mountPoint.toString());
        boolean mounted = Files.readString(Path.of("/proc/self/mounts")).contains(device + " ");
        assumeTrue(mounted, "skipped: mount not possible here");
        try {
            PartitionException refusal = refusal(device, BYTES);
            assertThat(refusal.code()).isEqualTo(Code.IN_USE);
            assertThat(refusal).hasMessageContaining("mounted on " + mountPoint);
        } finally {
            run("umount", mountPoint.toString());
        }
    }

    @Test
    void aReadOnlyDeviceIsRefused() throws Exception {
        Path device = loop("-r");
        assertThat(refusal(device, BYTES).code()).isEqualTo(Code.READ_ONLY);
    }

    @Test
    void aDeviceTooSmallIsRefusedWithBothSizes() throws Exception {
        Path device = loop();
        PartitionException refusal = refusal(device, BYTES + 4096L);
        assertThat(refusal.code()).isEqualTo(Code.TOO_SMALL);
        assertThat(refusal)
                .hasMessageContaining("" + BYTES)
                .hasMessageContaining("" + (BYTES + 4096L));
    }

    @Test
    void aFileBelowALoopDeviceIsRefused() throws Exception {
        Path device = loop();
        PartitionException refusal = refusal(backing, BYTES);
        assertThat(refusal.code()).isEqualTo(Code.IN_USE);
        assertThat(refusal).hasMessageContaining(device.toString());
    }
}
