package io.tidemark.journal.apply;

import io.tidemark.journal.DurableFolders;
import io.tidemark.journal.JournalException;
import io.tidemark.journal.log.LogReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A branch kept as a file: the frames of the log between two positions, as they lay in the
 * segments. Durable, by name too, before the log is cut.
 */
final class BranchFile {
    private BranchFile() {}

    /**
     * @param damaged whether bytes that are gone are kept as zeroes, instead of failing
     */
    static void write(LogReader reader, long from, long to, boolean damaged, Path file) {
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        try {
            DurableFolders.createParentOf(file);
            try (FileChannel out =
                    FileChannel.open(
                            partial,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING)) {
                long position = from;
                while (position < to) {
                    if (damaged) {
                        reader.loadOrZero(position, to);
                    } else {
                        reader.load(position, to);
                    }
                    ByteBuffer bytes = reader.window().duplicate().flip();
                    position += bytes.remaining();
                    while (bytes.hasRemaining()) {
                        out.write(bytes);
                    }
                }
                out.force(true);
            }
            Files.move(partial, file);
            DurableFolders.syncNameOf(file);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(partial);
            } catch (IOException deleting) {
                e.addSuppressed(deleting);
            }
            throw new JournalException(
                    JournalException.Code.FAILED,
                    "cannot keep the branch of positions "
                            + from
                            + " to "
                            + to
                            + " in "
                            + file
                            + ": "
                            + e.getMessage()
                            + ". The log is not cut: make space there and start the node again",
                    e);
        }
    }
}
