package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.linux.Linux;
import io.tidemark.journal.linux.Preallocation;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/** Zeroes ahead of a log that a fake archive writes: never over what it wrote. */
@Timeout(120)
class ZeroAheadTest {
    /**
     * The system's folder for temporary files may lie in memory, where nothing is written ahead.
     */
    static final class InBuildFolder implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
                throws IOException {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target")), "zeroes");
        }
    }

    private static final int SEGMENT = 32 << 20;
    private static final int MOST_RECORDED = 1 << 20;
    private static final byte LOGGED = 0x5a;

    @TempDir(factory = InBuildFolder.class)
    Path directory;

    private LogFiles files;
    private ZeroAhead zeroes;
    private final ByteBuffer logged = ByteBuffer.allocateDirect(MOST_RECORDED);
    private final List<Long> marks = new ArrayList<>();
    private long recorded;

    @BeforeEach
    void start() {
        files = new LogFiles(directory, SEGMENT);
        files.recording(0);
        zeroes = new ZeroAhead("test", files, () -> {});
        while (logged.hasRemaining()) {
            logged.put(LOGGED);
        }
    }

    @AfterEach
    void stop() {
        zeroes.close();
    }

    @Test
    void whatAFlushWillWriteToHasBeenWrittenBefore() throws IOException {
        record(4096);
        assertThat(hasDataBehind(recorded)).isFalse();
        zeroes.mayRecord(recorded);
        zeroes.synced(0, recorded);
        awaitDataBehind(recorded);
        assertLog(0, recorded);
    }

    @Test
    void aLogThatIsNotRecordedAndBlocksThatAreNotAllocatedAreLeftAlone() throws IOException {
        record(4096);
        zeroes.mayRecord(-1);
        zeroes.synced(0, recorded);
        zeroes.mayRecord(recorded);
        zeroes.allocated(recorded);
        zeroes.synced(0, recorded);
        zeroes.close();
        assertThat(hasDataBehind(recorded)).isFalse();
    }

    @Test
    void aBigSyncWritesNothingAhead() throws IOException {
        record(MOST_RECORDED);
        zeroes.mayRecord(recorded);
        zeroes.synced(0, recorded);
        zeroes.close();
        assertThat(hasDataBehind(recorded)).isFalse();
    }

    @Test
    void theLogIsNeverOverwritten() throws IOException {
        long seed = Long.getLong("tidemark.seed", System.nanoTime());
        System.out.println("zero ahead: -Dtidemark.seed=" + seed);
        Random random = new Random(seed);
        long held = 0;
        while (recorded < 12L * SEGMENT) {
            // A database that commits, then a bulk load, faster than any real one.
            record(1 + random.nextInt(8192));
            zeroes.mayRecord(recorded);
            zeroes.synced(recorded - 1, recorded);
            for (int i = random.nextInt(20_000); i > 0; i--) {
                Thread.onSpinWait();
            }
            for (int i = random.nextInt(12); i > 0; i--) {
                while (!zeroes.mayRecord(recorded)) {
                    held++;
                }
                jump();
            }
        }
        zeroes.close();
        System.out.println("zero ahead: asked again " + held + " times up to " + recorded);
        assertThat(zeroes.failure()).isNull();
        assertThat(marks).isNotEmpty();
        for (long mark : marks) {
            assertThat(at(mark)).as("byte at position %s", mark).isEqualTo(LOGGED);
        }
    }

    @Test
    void aCutInBetweenHarmsNothing() throws IOException {
        long seed = Long.getLong("tidemark.seed", System.nanoTime());
        System.out.println("zero ahead, cuts: -Dtidemark.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 3_000; i++) {
            if (!zeroes.mayRecord(recorded)) {
                continue;
            }
            if (random.nextInt(100) == 0) {
                zeroes.mayRecord(-1);
                long cut = recorded - random.nextLong(Math.min(recorded, 1 << 20) + 1);
                if (cut / SEGMENT == recorded / SEGMENT) {
                    files.cut();
                    files.endAt(cut);
                    recorded = cut;
                }
            }
            record(1 + random.nextInt(8192));
            zeroes.mayRecord(recorded);
            zeroes.synced(Math.max(0, recorded - 4096), recorded);
        }
        zeroes.close();
        assertThat(zeroes.failure()).isNull();
        assertLog(0, recorded);
    }

    private void record(int bytes) throws IOException {
        long left = bytes;
        while (left > 0) {
            long base = recorded - recorded % SEGMENT;
            Path file = files.segment(base);
            if (!Files.exists(file)) {
                try (RandomAccessFile fresh = new RandomAccessFile(file.toFile(), "rw")) {
                    fresh.setLength(SEGMENT);
                }
                Preallocation.allocate(file, 0, SEGMENT);
                zeroes.allocated(base + SEGMENT);
            }
            int part = (int) Math.min(left, base + SEGMENT - recorded);
            try (FileChannel segment = FileChannel.open(file, StandardOpenOption.WRITE)) {
                segment.write(logged.clear().limit(part), recorded - base);
            }
            recorded += part;
            left -= part;
        }
    }

    /** As much as the archive records at once, but only a few bytes of it. */
    private void jump() throws IOException {
        for (int i = 0; i < 4; i++) {
            record(1);
            marks.add(recorded - 1);
            recorded += MOST_RECORDED / 4 - 1;
        }
    }

    private byte at(long position) throws IOException {
        long base = position - position % SEGMENT;
        try (FileChannel segment = FileChannel.open(files.segment(base))) {
            ByteBuffer one = ByteBuffer.allocate(1);
            assertThat(segment.read(one, position - base)).isEqualTo(1);
            return one.get(0);
        }
    }

    private void assertLog(long from, long to) throws IOException {
        for (long base = from; base < to; base += SEGMENT) {
            byte[] content = Files.readAllBytes(files.segment(base));
            int end = (int) Math.min(SEGMENT, to - base);
            for (int i = 0; i < SEGMENT; i++) {
                if (content[i] != (i < end ? LOGGED : 0)) {
                    throw new AssertionError(
                            "byte " + content[i] + " at " + (base + i) + ", log ends at " + to);
                }
            }
        }
    }

    private void awaitDataBehind(long position) {
        while (!hasDataBehind(position)) {
            assertThat(zeroes.failure()).isNull();
            Thread.onSpinWait();
        }
    }

    private boolean hasDataBehind(long position) {
        int fd = Linux.open(files.segment(0), Linux.O_RDWR, 0);
        try {
            return Linux.lseek(fd, (position + 65_535) & -65_536, Linux.SEEK_DATA) >= 0;
        } finally {
            Linux.close(fd);
        }
    }
}
