package io.tidemark.journal.aeron;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;

/**
 * Gives the recordings in the archive's catalog the ends that their segment files have, before the
 * archive is launched.
 *
 * <p>The archive would do so itself for those that a killed process left open, but its recovery
 * (1.51) refuses a last frame that is torn across a page, and fails with an index out of bounds
 * when the last frame, torn or not, crosses the end of one of the chunks of 1 MiB that it reads in:
 * then a node could not start after a SIGKILL. And where a power cut took the catalog back to an
 * earlier end, it would overwrite what lies beyond.
 *
 * <p>Used while nothing else has the archive's directory open.
 */
final class OpenRecordings {
    private static final System.Logger LOG = System.getLogger(OpenRecordings.class.getName());

    private final Path directory;
    private final CatalogCopy copy;

    OpenRecordings(Path directory) {
        this.directory = directory;
        this.copy = new CatalogCopy(directory);
    }

    /** Ends them all; returns how many were open. */
    int close() throws IOException {
        List<Long> recordings = Segments.recordings(directory);
        CatalogFile catalog = copy.usable(recordings);
        int open = 0;
        for (CatalogFile.Entry entry : catalog.entries()) {
            long end = new RecordingEnd(entry).find(directory);
            if (entry.open()) {
                open++;
            } else if (end != entry.stop()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "recording {0} ends at position {1} by its segment files, at {2} by the catalog: {1} it is",
                        Long.toString(entry.recordingId()),
                        Long.toString(end),
                        Long.toString(entry.stop()));
            }
            catalog.stop(entry, end);
            warnOfGaps(entry, end);
        }
        catalog.writeChanges(directory.resolve(CatalogCopy.CATALOG));
        copy.renew();
        return open;
    }

    /** Not refused here: what lies below the checkpoint is not needed to start. */
    private void warnOfGaps(CatalogFile.Entry entry, long end) throws IOException {
        NavigableMap<Long, Path> segments = Segments.of(directory, entry.recordingId());
        int length = entry.segmentLength();
        for (long base = entry.start() - entry.start() % length; base < end; base += length) {
            Path file = segments.get(base);
            String problem =
                    file == null ? "is missing" : Files.size(file) < length ? "is too short" : "";
            if (!problem.isEmpty()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "segment {0} {1}: positions {2} to {3} of recording {4} cannot be applied or given to a peer",
                        directory.resolve(entry.recordingId() + "-" + base + ".rec"),
                        problem,
                        Long.toString(base),
                        Long.toString(Math.min(end, base + length)),
                        Long.toString(entry.recordingId()));
            }
        }
    }
}
