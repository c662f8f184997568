package io.tidemark.journal.aeron;

import io.tidemark.journal.DurableFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private final KnownDurable known;

    OpenRecordings(Path directory, KnownDurable known) {
        this.directory = directory;
        this.known = known;
        this.copy = new CatalogCopy(directory);
    }

    /**
     * Ends them all, or as many as can be.
     *
     * @return why the others cannot be used, by stream id
     * @throws IOException if none can
     */
    Map<Integer, String> close() throws IOException {
        List<Long> recordings = Segments.recordings(directory);
        CatalogFile catalog = copy.usable(recordings);
        Map<Integer, String> unusable = new HashMap<>();
        int open = 0;
        for (CatalogFile.Entry entry : catalog.entries()) {
            open += entry.open() ? 1 : 0;
            KnownDurable.Positions remembered = known.of(entry.streamId());
            try {
                if (remembered != null) {
                    end(catalog, entry, remembered);
                } else if (entry.open()) {
                    catalog.stop(entry, new RecordingEnd(entry, 0).look(directory));
                }
            } catch (IOException e) {
                unusable.put(entry.streamId(), problem(entry, e));
                // The archive insists on some end; what it is does not matter before the next
                // start.
                catalog.stop(entry, entry.open() ? entry.start() : entry.stop());
            }
        }
        catalog.writeChanges(directory.resolve(CatalogCopy.CATALOG));
        copy.renew();
        if (open > 0) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "{0}: {1} recordings were open when the node last ended",
                    directory,
                    open);
        }
        return unusable;
    }

    private String problem(CatalogFile.Entry entry, IOException e) {
        return "the segment files of recording "
                + entry.recordingId()
                + " in "
                + directory
                + " cannot be used: "
                + e
                + ". Check that disk and its permissions, then start the node again";
    }

    private void end(
            CatalogFile catalog, CatalogFile.Entry entry, KnownDurable.Positions remembered)
            throws IOException {
        long found = new RecordingEnd(entry, remembered.durable()).find(directory);
        // Never before what was durable, or the next entries would be recorded over it. What
        // is not valid below is mended.
        long end = Math.max(found, remembered.durable());
        if (end > found) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "recording {0} ends at position {1} by its segment files, but was durable up to {2}: {2} it is",
                    Long.toString(entry.recordingId()),
                    Long.toString(found),
                    Long.toString(end));
        }
        if (!entry.open() && end != entry.stop()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "recording {0} ends at position {1} by its segment files, at {2} by the catalog: {1} it is",
                    Long.toString(entry.recordingId()),
                    Long.toString(end),
                    Long.toString(entry.stop()));
        }
        catalog.stop(entry, end);
        fillGaps(entry, end, remembered.checkpoint());
    }

    /**
     * Gives the files that are needed their lengths. Where one is missing or ends early there are
     * zeroes then: no entries, so the scan finds the place and has it mended. What lies below the
     * checkpoint is not needed to start.
     */
    private void fillGaps(CatalogFile.Entry entry, long end, long checkpoint) throws IOException {
        NavigableMap<Long, Path> segments = Segments.of(directory, entry.recordingId());
        int length = entry.segmentLength();
        for (long base = entry.start() - entry.start() % length; base < end; base += length) {
            Path file = segments.get(base);
            String problem =
                    file == null ? "is missing" : Files.size(file) < length ? "is too short" : "";
            boolean needed = base + length > checkpoint;
            if (!problem.isEmpty()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        needed
                                ? "segment {0} {1}: positions {2} to {3} of recording {4} have holes, to be mended from a peer"
                                : "segment {0} {1}: positions {2} to {3} of recording {4} cannot be applied or given to a peer",
                        directory.resolve(entry.recordingId() + "-" + base + ".rec"),
                        problem,
                        Long.toString(base),
                        Long.toString(Math.min(end, base + length)),
                        Long.toString(entry.recordingId()));
                if (needed) {
                    giveLength(
                            directory.resolve(entry.recordingId() + "-" + base + ".rec"), length);
                }
            }
        }
    }

    private void giveLength(Path segment, int length) throws IOException {
        Segments.giveLength(segment, length);
        DurableFolders.sync(directory);
    }
}
