package io.tidemark.journal.aeron;

import io.tidemark.journal.DurableFolders;
import io.tidemark.journal.JournalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;

/**
 * A copy of what the archive's catalog says once and for all of each recording: its id, stream,
 * first term, MTU. Nothing in the segment files could replace that, and the archive keeps it in a
 * single mapped file without a second copy. Renewed when a recording is new, which is rare; ends of
 * recordings are not in it, they follow from the segment files.
 *
 * <p>Data thread only, blocks for a sync.
 */
final class CatalogCopy {
    private static final System.Logger LOG = System.getLogger(CatalogCopy.class.getName());

    static final String CATALOG = "archive.catalog";
    private static final String COPY = CATALOG + ".copy";

    private final Path directory;
    private final Path file;
    private final Path copy;

    CatalogCopy(Path directory) {
        this.directory = directory;
        this.file = directory.resolve(CATALOG);
        this.copy = directory.resolve(COPY);
    }

    /** Brings the copy up to date with a catalog that is right. */
    void renew() throws IOException {
        CatalogFile catalog = CatalogFile.read(file);
        if (!catalog.problem().isEmpty() || catalog.entries().isEmpty()) {
            return;
        }
        byte[] content = catalog.essence();
        if (Files.notExists(copy) || !Arrays.equals(content, Files.readAllBytes(copy))) {
            replaceCopy(content);
        }
    }

    /** There is no copy any more, durably, until it is renewed. */
    void drop() throws IOException {
        if (Files.deleteIfExists(copy)) {
            DurableFolders.sync(directory);
        }
    }

    private void replaceCopy(byte[] content) throws IOException {
        try {
            CatalogFile.replace(directory, COPY, content);
        } catch (IOException e) {
            Files.deleteIfExists(directory.resolve(COPY + ".new"));
            // Only what a damaged catalog is mended with: no reason not to start on a full disk.
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the copy {0} of the catalog cannot be renewed: {1}",
                    copy,
                    e.getMessage());
        }
    }

    /**
     * The catalog, taken from the copy if it cannot be used. Called before an archive has it open.
     *
     * @param recordings ids of recordings that have segment files
     * @throws JournalException if there is no way to know what the segment files are
     */
    CatalogFile usable(List<Long> recordings) throws IOException {
        CatalogFile catalog = CatalogFile.read(file);
        CatalogFile saved = CatalogFile.read(copy);
        String problem = catalog.problem();
        for (CatalogFile.Entry entry : saved.entries()) {
            if (problem.isEmpty() && !catalog.has(entry)) {
                problem = "without recording " + entry.recordingId();
            }
        }
        if (problem.isEmpty()) {
            return catalog;
        }
        if (!saved.problem().isEmpty()) {
            if (recordings.isEmpty()) {
                // A node that was stopped before it recorded anything.
                Files.deleteIfExists(file);
                return catalog;
            }
            throw refused(problem, "and there is no usable copy (" + saved.problem() + ")");
        }
        for (long id : recordings) {
            if (saved.entries().stream().noneMatch(e -> e.recordingId() == id)) {
                throw refused(problem, "and its copy does not know recording " + id);
            }
        }
        if (Files.exists(file)) {
            Files.move(
                    file,
                    file.resolveSibling("archive.catalog.damaged"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        CatalogFile.replace(directory, CATALOG, Files.readAllBytes(copy));
        LOG.log(
                System.Logger.Level.WARNING,
                "the catalog {0} is {1}: restored from its copy, the ends of its recordings from their segment files",
                file,
                problem);
        return CatalogFile.read(file);
    }

    private JournalException refused(String problem, String copyProblem) {
        return new JournalException(
                JournalException.Code.DAMAGED,
                "the journal's catalog "
                        + file
                        + " is "
                        + problem
                        + " "
                        + copyProblem
                        + ": restore "
                        + directory
                        + ". Or start over as a new replica, if a peer has it all: move the node's"
                        + " directory and its partitions away, then tools/bin/replica CONFIG NODE");
    }
}
