package io.tidemark.journal.aeron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aeron.ExclusivePublication;
import io.tidemark.journal.JournalException;
import io.tidemark.journal.log.EntryLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a killed node leaves is a copy of its archive's directory while it records. */
@Timeout(120)
final class OpenRecordingsTest {

    @TempDir Path directory;
    private LeftArchive archive = new LeftArchive(Path.of(""));

    @BeforeEach
    void open() {
        archive = new LeftArchive(directory);
    }

    /** The archive's own recovery fails on this with an index out of bounds. */
    @Test
    void aLastFrameAcrossTheEndOfAMebibyteIsKept() throws IOException {
        long end = archive.recordThenLeave(18);

        try (AeronStack again = archive.launch()) {
            Recording recording = new Recording(again, LeftArchive.STREAM);
            assertThat(recording.stopPosition()).isEqualTo(end).isGreaterThan(1 << 20);
            try (ExclusivePublication more = recording.append(EntryLayout.mtuFor(61_440))) {
                assertThat(more.position()).isEqualTo(end);
            }
        }
    }

    @Test
    void aLastFrameThatIsTornAcrossAPageIsLeftToTheScan() throws IOException {
        long end = archive.recordThenLeave(3);
        try (FileChannel segment =
                FileChannel.open(
                        directory.resolve("left/journal/0-0.rec"), StandardOpenOption.WRITE)) {
            segment.write(ByteBuffer.allocate(20_000), end - 20_000);
        }

        try (AeronStack again = archive.launch()) {
            assertThat(new Recording(again, LeftArchive.STREAM).stopPosition()).isEqualTo(end);
        }
    }

    @Test
    void aBrokenLengthWithValidFramesBehindDoesNotEndTheLog() throws IOException {
        long end = archive.recordThenLeave(6);
        try (FileChannel segment =
                FileChannel.open(
                        directory.resolve("left/journal/0-0.rec"), StandardOpenOption.WRITE)) {
            segment.write(ByteBuffer.allocate(40_000), end / 2);
        }

        try (AeronStack again = archive.launch()) {
            Recording recording = new Recording(again, LeftArchive.STREAM);
            assertThat(recording.stopPosition()).isEqualTo(end);
            // No frame header is there, and still the scan must be able to cut.
            long cut = (end / 2 + 16_384) & -4096L;
            recording.truncate(cut);
            assertThat(recording.stopPosition()).isEqualTo(cut);
        }
    }

    @Test
    void aLogNeverEndsBeforeWhatWasDurable() throws IOException {
        long end = archive.recordThenLeave(6);
        Path segment = directory.resolve("left/journal/0-0.rec");
        Files.delete(segment);

        try (AeronStack again = archive.launch(stream -> new KnownDurable.Positions(0, end))) {
            assertThat(new Recording(again, LeftArchive.STREAM).stopPosition()).isEqualTo(end);
            assertThat(Files.size(segment)).isEqualTo(AeronSettings.DEFAULT_SEGMENT_LENGTH);
        }
    }

    @Test
    void aSegmentWithoutItsFullLengthGetsIt() throws IOException {
        long end = archive.recordThenLeave(3);
        Path segment = directory.resolve("left/journal/0-0.rec");
        try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            file.truncate(end);
        }

        try (AeronStack again = archive.launch()) {
            assertThat(new Recording(again, LeftArchive.STREAM).stopPosition()).isEqualTo(end);
            assertThat(Files.size(segment)).isEqualTo(AeronSettings.DEFAULT_SEGMENT_LENGTH);
        }
    }

    @Test
    void theFilesOfALogThatIsNotKnownAreLeftAsTheyAre() throws IOException {
        long end = archive.recordThenLeave(3);
        Path segment = directory.resolve("left/journal/0-0.rec");
        try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            file.truncate(end);
        }

        try (AeronStack again = archive.launch(stream -> null)) {
            assertThat(new Recording(again, LeftArchive.STREAM).stopPosition()).isEqualTo(end);
            assertThat(Files.size(segment)).isEqualTo(end);
        }
        archive.launch().close();
        assertThat(Files.size(segment)).isEqualTo(AeronSettings.DEFAULT_SEGMENT_LENGTH);
    }

    @Test
    void aLogWhoseFilesCannotBeUsedIsRefusedAlone() throws IOException {
        archive.recordThenLeave(3);
        Path segment = directory.resolve("left/journal/0-0.rec");
        Files.delete(segment);
        Files.createDirectory(segment);

        try (AeronStack again = archive.launch()) {
            assertThatThrownBy(() -> again.checkUsable(LeftArchive.STREAM))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining(segment.toString());
            again.checkUsable(LeftArchive.STREAM + 1);
        }
    }
}
