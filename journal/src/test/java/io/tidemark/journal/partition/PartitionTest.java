package io.tidemark.journal.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemark.journal.partition.PartitionException.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class PartitionTest {
    private static final int MIB = 1 << 20;

    @TempDir Path directory;

    private Partition create(String name) {
        return Partition.open(directory.resolve(name), MIB, CreateMode.CREATE_IF_MISSING);
    }

    private static PartitionException refusal(Path path, long size, CreateMode mode) {
        return catchThrowableOfType(
                PartitionException.class, () -> Partition.open(path, size, mode).close());
    }

    private static byte[] read(Partition partition, long offset, int length) {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        assertThat(partition.read(offset, buffer)).isEqualTo(length);
        return buffer.array();
    }

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    @Test
    void aMissingFileIsCreatedSparseInItsFinalSize() throws IOException {
        try (Partition partition = create("new.img")) {
            assertThat(partition.created()).isTrue();
            assertThat(partition.hasData()).isFalse();
            assertThat(partition.sizeBytes()).isEqualTo(MIB);
            assertThat(partition.logicalBlockSize()).isEqualTo(512);
        }
        try (Partition partition = create("new.img")) {
            assertThat(partition.created()).isFalse();
            assertThat(partition.hasData()).isFalse();
            partition.write(5, ByteBuffer.wrap(new byte[] {1}));
            assertThat(partition.hasData()).isTrue();
        }
        assertThat(Files.size(directory.resolve("new.img"))).isEqualTo(MIB);
    }

    @Test
    void anEmptyFileLeftByACrashIsCreatedAgain() throws IOException {
        Path path = Files.createFile(directory.resolve("empty.img"));
        try (Partition partition = create("empty.img")) {
            assertThat(partition.created()).isTrue();
        }
        assertThat(Files.size(path)).isEqualTo(MIB);
    }

    @Test
    void identityStaysWhenTheFileIsRenamed() throws IOException {
        String before;
        try (Partition partition = create("one.img")) {
            before = partition.identity();
        }
        Files.move(directory.resolve("one.img"), directory.resolve("two.img"));
        try (Partition moved = create("two.img");
                Partition other = create("one.img")) {
            assertThat(moved.identity()).isEqualTo(before).startsWith("file inode ");
            assertThat(other.identity()).isNotEqualTo(before);
        }
    }

    @Test
    void writtenBytesAreReadBack() {
        byte[] heap = noise(1000);
        byte[] large = noise(300_001);
        try (Partition partition = create("a.img")) {
            partition.write(17, ByteBuffer.wrap(heap));
            partition.write(MIB - large.length, direct(large));
            partition.sync();
            assertThat(read(partition, 17, 1000)).isEqualTo(heap);
            assertThat(read(partition, MIB - large.length, large.length)).isEqualTo(large);
        }
    }

    @Test
    void gatheredBuffersLieOneBehindTheOther() {
        byte[] bytes = noise(200_000);
        ByteBuffer[] gather = new ByteBuffer[3_002]; // Above IOV_MAX, some of them empty.
        ByteBuffer all = direct(bytes);
        int at = 0;
        for (int i = 0; i < gather.length; i++) {
            int length = i % 7 == 0 ? 0 : Math.min(i % 131, bytes.length - at);
            gather[i] = all.slice(at, length);
            at += length;
        }
        try (Partition partition = create("a.img")) {
            partition.write(33, gather, 1, gather.length - 1);
            assertThat(read(partition, 33, at)).isEqualTo(Arrays.copyOf(bytes, at));
            assertThat(gather).allMatch(buffer -> !buffer.hasRemaining());
            gather[5] = ByteBuffer.wrap(new byte[] {7, 8, 9});
            gather[6] = direct(new byte[] {10});
            partition.write(1, gather, 5, 2);
            assertThat(read(partition, 1, 4)).containsExactly(7, 8, 9, 10);
        }
    }

    @Test
    void zeroedRangesReadAsZeroesAndNothingElseDoes() {
        byte[] bytes = noise(MIB);
        try (Partition partition = create("a.img")) {
            for (boolean mayPunch : new boolean[] {true, false}) {
                for (int[] range :
                        new int[][] {{0, 4096}, {5000, 1}, {8191, 300_000}, {MIB - 3, 3}}) {
                    partition.write(0, ByteBuffer.wrap(bytes));
                    partition.zero(range[0], range[1], mayPunch);
                    byte[] expected = bytes.clone();
                    Arrays.fill(expected, range[0], range[0] + range[1], (byte) 0);
                    assertThat(read(partition, 0, MIB)).isEqualTo(expected);
                }
            }
            partition.zero(0, MIB, true);
            assertThat(read(partition, 0, MIB)).containsOnly(0);
            assertThat(partition.sizeBytes()).isEqualTo(MIB);
        }
    }

    @Test
    void offsetsOutsideTheVolumeAreBugsEvenIfTheFileIsLarger() throws IOException {
        Path path = directory.resolve("large.img");
        Files.write(path, new byte[2 * MIB]);
        try (Partition partition = Partition.open(path, MIB, CreateMode.MUST_EXIST)) {
            assertThat(partition.sizeBytes()).isEqualTo(2 * MIB);
            ByteBuffer two = ByteBuffer.allocate(2);
            assertThatThrownBy(() -> partition.write(MIB - 1, two))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> partition.read(-1, two))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> partition.zero(0, MIB + 1, true))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void afterAFailureNothingIsWrittenOrSyncedAgain() {
        Partition partition = create("a.img");
        partition.close();
        assertThatThrownBy(() -> partition.write(4096, ByteBuffer.allocate(512)))
                .isInstanceOf(PartitionException.class)
                .hasMessageContaining("write of 512 bytes at offset 4096");
        assertThatThrownBy(partition::sync)
                .isInstanceOf(PartitionException.class)
                .hasMessageContaining("stopped by an earlier failure")
                .hasRootCauseInstanceOf(IOException.class);
    }

    @Test
    void aFileTooSmallIsRefusedWithBothSizes() throws IOException {
        Path path = Files.write(directory.resolve("small.img"), new byte[4096]);
        PartitionException refusal = refusal(path, MIB, CreateMode.CREATE_IF_MISSING);
        assertThat(refusal.code()).isEqualTo(Code.TOO_SMALL);
        assertThat(refusal).hasMessageContaining("4096").hasMessageContaining("1048576");
        assertThat(Files.size(path)).isEqualTo(4096);
    }

    @Test
    void whatIsNotThereIsRefusedByWhatIsMissing() {
        assertThat(refusal(directory.resolve("x.img"), MIB, CreateMode.MUST_EXIST).code())
                .isEqualTo(Code.MISSING);
        assertThat(refusal(directory.resolve("x/x.img"), MIB, CreateMode.CREATE_IF_MISSING).code())
                .isEqualTo(Code.MISSING_DIRECTORY);
        assertThat(refusal(Path.of("/dev/no-such-disk"), MIB, CreateMode.CREATE_IF_MISSING).code())
                .isEqualTo(Code.MISSING);
        assertThat(Path.of("/dev/no-such-disk")).doesNotExist();
    }

    @Test
    void directoriesAndCharacterDevicesAreRefused() {
        assertThat(refusal(directory, MIB, CreateMode.CREATE_IF_MISSING).code())
                .isEqualTo(Code.NOT_FILE_OR_BLOCK_DEVICE);
        assertThat(refusal(Path.of("/dev/zero"), MIB, CreateMode.CREATE_IF_MISSING).code())
                .isEqualTo(Code.NOT_FILE_OR_BLOCK_DEVICE);
    }

    @Test
    void aSecondOpenInThisProcessIsRefusedAndSpoilsNothing() {
        Path path = directory.resolve("a.img");
        try (Partition first = create("a.img")) {
            for (int i = 0; i < 2; i++) {
                PartitionException refusal = refusal(path, MIB, CreateMode.MUST_EXIST);
                assertThat(refusal.code()).isEqualTo(Code.IN_USE);
                assertThat(refusal).hasMessageContaining("this node itself");
            }
            first.write(0, ByteBuffer.wrap(new byte[] {1}));
        }
        create("a.img").close();
    }

    @Test
    @Timeout(60)
    void anotherProcessIsNamed() throws Exception {
        Path path = directory.resolve("a.img");
        create("a.img").close();
        Process other =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Holder.class.getName(),
                                path.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try {
            assertThat(other.getInputStream().read()).isEqualTo('o');
            PartitionException refusal = refusal(path, MIB, CreateMode.MUST_EXIST);
            assertThat(refusal.code()).isEqualTo(Code.IN_USE);
            assertThat(refusal).hasMessageContaining("(pid " + other.pid() + ")");
        } finally {
            other.getOutputStream().close();
            if (!other.waitFor(20, TimeUnit.SECONDS)) {
                other.destroyForcibly();
            }
        }
        create("a.img").close();
    }

    /** Holds a partition until its input ends. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            try (Partition partition =
                    Partition.open(Path.of(arguments[0]), MIB, CreateMode.MUST_EXIST)) {
                System.out.write(partition.hasData() ? 'x' : 'o');
                System.out.flush();
                while (System.in.read() >= 0) {}
            }
        }
    }
}
