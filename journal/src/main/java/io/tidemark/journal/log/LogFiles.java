package io.tidemark.journal.log;

import io.tidemark.journal.DurableFolders;
import io.tidemark.journal.JournalException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the segment files of one resource's recording lie. Shared by all that read or sync them;
 * the data thread sets the recording when it becomes known and counts the cuts, so that nobody goes
 * on with an open file that was cut away.
 */
public final class LogFiles {
    private final Path directory;
    private volatile int segmentLength;
    private volatile long recordingId = -1;
    private volatile int cuts;
    private volatile @Nullable FrameRule frames;

    /**
     * @param segmentLength bytes per segment file of a log that does not exist yet
     */
    public LogFiles(Path directory, int segmentLength) {
        this.directory = directory;
        this.segmentLength = segmentLength;
    }

    /** Data thread only. */
    public void recording(long id) {
        if (id != recordingId) {
            recordingId = id;
            cut();
        }
    }

    /**
     * The recording, and what its files and frames look like. Data thread only.
     *
     * @param length bytes per segment file, fixed for a recording's life
     */
    public void recording(long id, int length, FrameRule rule) {
        segmentLength = length;
        frames = rule;
        recording(id);
    }

    /** What readers check frames against, null if that is not known. */
    @Nullable FrameRule frames() {
        return frames;
    }

    /**
     * Files were cut or deleted: whoever has one open closes it before the next use. Data thread
     * only.
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    public void cut() {
        cuts++;
    }

    /**
     * Ends the log at {@code position}, durably: nothing but zeroes lies behind it in its segment,
     * and the names of later segments that were deleted are gone. Whole entries may lie there after
     * a power cut that lost an earlier one, or after a cut: entries appended later would reach up
     * to one of them and continue with it at the next recovery. Blocks; data thread, rare, while
     * nothing records.
     */
    public void endAt(long position) {
        long base = baseOf(position);
        Path file = segment(base);
        try {
            if (Files.exists(file)) {
                // Not by writing a byte at the end: a full disk may have no block for it.
                try (RandomAccessFile segment = new RandomAccessFile(file.toFile(), "rw")) {
                    segment.setLength(position - base);
                    segment.setLength(segmentLength);
                    // The channel's names the cause, the descriptor's does not.
                    segment.getChannel().force(true);
                }
            }
            DurableFolders.sync(directory);
            // Blocks that were allocated ahead are gone: whoever counts on them starts again.
            cut();
        } catch (IOException e) {
            throw new JournalException(
                    JournalException.Code.FAILED,
                    "the journal could not be ended at position " + position + ": " + e,
                    e);
        }
    }

    int cuts() {
        return cuts;
    }

    int segmentLength() {
        return segmentLength;
    }

    Path directory() {
        return directory;
    }

    /** First position in the segment that holds {@code position}. */
    long baseOf(long position) {
        return position - position % segmentLength;
    }

    /** File that holds the segment with this base position. */
    Path segment(long base) {
        return directory.resolve(recordingId + "-" + base + ".rec");
    }
}
