package io.tidemark.journal.log;

import io.tidemark.journal.JournalException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Where the segment files of one resource's recording lie. Shared by all that read or sync them;
 * the data thread sets the recording when it becomes known and counts the cuts, so that nobody goes
 * on with an open file that was cut away.
 */
public final class LogFiles {
    private final Path directory;
    private final int segmentLength;
    private volatile long recordingId = -1;
    private volatile int cuts;

    /**
     * @param segmentLength bytes per segment file
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
     * Files were cut or deleted: whoever has one open closes it before the next use. Data thread
     * only.
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    public void cut() {
        cuts++;
    }

    /**
     * Makes a cut durable: the segment that ends at {@code position}, and the names of those that
     * are gone. Without it a power cut could bring entries of the old branch back behind newer
     * ones. Blocks; data thread, rare.
     */
    public void syncCut(long position) {
        Path file = segment(baseOf(position));
        try (FileChannel folder = FileChannel.open(directory, StandardOpenOption.READ)) {
            if (Files.exists(file)) {
                try (FileChannel segment =
                        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    segment.force(true);
                }
            }
            folder.force(true);
        } catch (IOException e) {
            throw new JournalException(
                    JournalException.Code.FAILED,
                    "fsync of the journal failed after it was cut at position "
                            + position
                            + ": "
                            + e.getMessage(),
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
