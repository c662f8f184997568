package io.tidemark.journal.log;

import java.nio.file.Path;

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
