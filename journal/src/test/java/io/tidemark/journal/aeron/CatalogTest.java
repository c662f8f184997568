package io.tidemark.journal.aeron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aeron.archive.client.AeronArchive;
import io.tidemark.journal.JournalException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the archive's catalog says against what its directory holds. */
@Timeout(120)
final class CatalogTest {
    /** Somewhat more than a segment of entries of 60 KiB. */
    private static final int TWO_SEGMENTS = 2_300;

    @TempDir Path directory;
    private LeftArchive archive = new LeftArchive(Path.of(""));

    @BeforeEach
    void open() {
        archive = new LeftArchive(directory);
    }

    private Path catalog() {
        return archive.journal().resolve("archive.catalog");
    }

    private Path segment(long base) {
        return archive.journal().resolve("0-" + base + ".rec");
    }

    private long end() {
        try (AeronStack stack = archive.launch()) {
            return new Recording(stack, LeftArchive.STREAM).stopPosition();
        }
    }

    private void setStop(long position) throws IOException {
        CatalogFile file = CatalogFile.read(catalog());
        file.stop(file.entries().getFirst(), position);
        file.writeChanges(catalog());
    }

    private void assertRefused(String... words) {
        assertThatThrownBy(this::end)
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("catalog")
                .hasMessageContaining("tools/bin/replica")
                .satisfies(e -> assertThat(e.getMessage()).contains(words));
    }

    @Test
    void aCatalogBehindTheFilesIsBroughtUpToThem() throws IOException {
        long end = archive.recordThenLeave(TWO_SEGMENTS);
        assertThat(end).isGreaterThan(AeronSettings.DEFAULT_SEGMENT_LENGTH);
        for (long stop : new long[] {0, 61_600 * 10L, AeronSettings.DEFAULT_SEGMENT_LENGTH}) {
            setStop(stop);
            assertThat(end()).as("from %d", stop).isEqualTo(end);
        }
        assertThat(segment(AeronSettings.DEFAULT_SEGMENT_LENGTH)).exists();
    }

    @Test
    void aCatalogAheadOfTheFilesIsTakenBackToThem() throws IOException {
        long end = archive.recordThenLeave(TWO_SEGMENTS);
        setStop(end);
        Files.delete(segment(AeronSettings.DEFAULT_SEGMENT_LENGTH));
        assertThat(end()).isEqualTo(AeronSettings.DEFAULT_SEGMENT_LENGTH);
    }

    @Test
    void aMissingCatalogIsRestoredFromItsCopy() throws IOException {
        assertRestored(() -> Files.delete(catalog()));
    }

    @Test
    void anEmptyCatalogIsRestoredFromItsCopy() throws IOException {
        assertRestored(() -> Files.write(catalog(), new byte[0]));
    }

    @Test
    void aTruncatedCatalogIsRestoredFromItsCopy() throws IOException {
        assertRestored(() -> Files.write(catalog(), Arrays.copyOf(bytes(), 100)));
    }

    @Test
    void aCatalogOfZeroesIsRestoredFromItsCopy() throws IOException {
        assertRestored(() -> Files.write(catalog(), new byte[1 << 20]));
    }

    @Test
    void aCatalogOfGarbageIsRestoredFromItsCopy() throws IOException {
        SplittableRandom random = new SplittableRandom(20);
        byte[] garbage = new byte[1 << 20];
        random.nextBytes(garbage);
        assertRestored(() -> Files.write(catalog(), garbage));
    }

    @Test
    void aCatalogWithOneWrongBitIsRestoredFromItsCopy() throws IOException {
        assertRestored(
                () -> {
                    byte[] wrong = bytes();
                    wrong[100] ^= 4;
                    Files.write(catalog(), wrong);
                });
    }

    @Test
    void aCatalogThatDoesNotKnowTheRecordingIsRestoredFromItsCopy() throws IOException {
        assertRestored(
                () -> {
                    byte[] fresh = bytes();
                    Arrays.fill(fresh, 32, fresh.length, (byte) 0);
                    Files.write(catalog(), fresh);
                });
    }

    private interface Damage {
        void run() throws IOException;
    }

    private byte[] bytes() throws IOException {
        return Files.readAllBytes(catalog());
    }

    private void assertRestored(Damage damage) throws IOException {
        long end = archive.recordThenLeave(30);
        damage.run();
        assertThat(end()).isEqualTo(end);
        assertThat(end()).as("once more").isEqualTo(end);
    }

    @Test
    void withoutCatalogAndCopyTheSegmentsAreRefused() throws IOException {
        archive.recordThenLeave(3);
        Files.delete(catalog());
        Files.delete(archive.journal().resolve("archive.catalog.copy"));
        assertRefused("missing", "no usable copy");
        assertThat(segment(0)).exists();
        assertThat(catalog()).doesNotExist();
    }

    @Test
    void aCopyThatDoesNotKnowARecordingIsRefused() throws IOException {
        archive.recordThenLeave(3);
        Files.write(catalog(), new byte[100]);
        Files.copy(segment(0), archive.journal().resolve("7-0.rec"));
        assertRefused("does not know recording 7");
    }

    @Test
    void anEmptyCatalogWithoutSegmentsIsAFreshStart() throws IOException {
        Files.createDirectories(archive.journal());
        Files.write(catalog(), new byte[0]);
        try (AeronStack stack = archive.launch()) {
            assertThat(new Recording(stack, LeftArchive.STREAM).exists()).isFalse();
        }
    }

    @Test
    void aForeignLastSegmentIsMovedAside() throws IOException {
        long end = archive.recordThenLeave(30);
        // The same recording's beginning under the name of its second segment.
        Files.copy(segment(0), segment(AeronSettings.DEFAULT_SEGMENT_LENGTH));
        assertThat(end()).isEqualTo(end);
        assertThat(segment(AeronSettings.DEFAULT_SEGMENT_LENGTH)).doesNotExist();
        try (Stream<Path> aside = Files.list(archive.journal().resolve("set-aside"))) {
            assertThat(aside).hasSize(1);
        }
    }

    @Test
    void aBlankSegmentBeyondTheEndIsRemoved() throws IOException {
        long end = archive.recordThenLeave(30);
        long base = 3L * AeronSettings.DEFAULT_SEGMENT_LENGTH;
        try (RandomAccessFile blank = new RandomAccessFile(segment(base).toFile(), "rw")) {
            blank.setLength(AeronSettings.DEFAULT_SEGMENT_LENGTH);
        }
        assertThat(end()).isEqualTo(end);
        assertThat(segment(base)).doesNotExist();
    }

    @Test
    void aMissingSegmentInTheMiddleDoesNotShortenTheRecording() throws IOException {
        long end = archive.recordThenLeave(2 * TWO_SEGMENTS);
        Files.delete(segment(AeronSettings.DEFAULT_SEGMENT_LENGTH));
        assertThat(end()).isEqualTo(end);
    }

    @Test
    void theCopyIsThereAsSoonAsARecordingIs() throws IOException {
        archive.recordThenLeave(3);
        CatalogFile copy = CatalogFile.read(archive.journal().resolve("archive.catalog.copy"));
        assertThat(copy.problem()).isEmpty();
        assertThat(copy.entries()).hasSize(1);
        assertThat(copy.entries().getFirst().stop()).isEqualTo(AeronArchive.NULL_POSITION);
        assertThat(copy.entries().getFirst().streamId()).isEqualTo(LeftArchive.STREAM);
    }
}
