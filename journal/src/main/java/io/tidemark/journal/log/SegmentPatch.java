package io.tidemark.journal.log;

import io.tidemark.journal.JournalException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Puts bytes in place in segment files that the archive has written before. The archive only
 * appends, far from here, so both may write the same file at once. Blocks.
 */
final class SegmentPatch {
    private final LogFiles files;

    SegmentPatch(LogFiles files) {
        this.files = files;
    }

    /**
     * Writes the bytes from {@code position} on.
     *
     * @throws JournalException if that fails (I10), or if the file is not there: a segment cannot
     *     be put back under an archive that has the old one open
     */
    void write(long position, ByteBuffer bytes) {
        int end = bytes.limit();
        long at = position;
        while (bytes.hasRemaining()) {
            long base = files.baseOf(at);
            int length = (int) Math.min(end - bytes.position(), base + files.segmentLength() - at);
            bytes.limit(bytes.position() + length);
            write(files.segment(base), at - base, bytes);
            bytes.limit(end);
            at += length;
        }
    }

    /**
     * What was written between two positions is on stable storage on return.
     *
     * @throws JournalException if not (I10)
     */
    void sync(long from, long to) {
        for (long base = files.baseOf(from); base < to; base += files.segmentLength()) {
            try (FileChannel file =
                    FileChannel.open(files.segment(base), StandardOpenOption.WRITE)) {
                file.force(false);
            } catch (IOException e) {
                throw failed(files.segment(base), base, e);
            }
        }
    }

    private static void write(Path segment, long filePosition, ByteBuffer bytes) {
        long at = filePosition;
        try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                at += file.write(bytes, at);
            }
        } catch (NoSuchFileException e) {
            throw new JournalException(
                    JournalException.Code.DAMAGED,
                    "segment "
                            + segment
                            + " was deleted while the node runs: restart the node, then it is made again from a peer's",
                    e);
        } catch (IOException e) {
            throw failed(segment, at, e);
        }
    }

    private static JournalException failed(Path segment, long at, IOException e) {
        return new JournalException(
                JournalException.Code.FAILED,
                "cannot mend segment "
                        + segment
                        + " at "
                        + at
                        + ": "
                        + e.getMessage()
                        + ". Check the disk of the journal",
                e);
    }
}
