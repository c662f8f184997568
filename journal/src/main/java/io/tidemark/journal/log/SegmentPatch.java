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
     * @param free nothing is recorded below this position that is not there yet: up to here a page
     *     may be written as a whole
     * @throws JournalException if that fails (I10), or if the file is not there: a segment cannot
     *     be put back under an archive that has the old one open
     */
    void write(long position, ByteBuffer bytes, long free) {
        int end = bytes.limit();
        long at = position;
        while (bytes.hasRemaining()) {
            long base = files.baseOf(at);
            int length = (int) Math.min(end - bytes.position(), base + files.segmentLength() - at);
            bytes.limit(bytes.position() + length);
            write(files.segment(base), at - base, bytes, free - base);
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

    private static void write(Path segment, long filePosition, ByteBuffer bytes, long free) {
        long at = filePosition;
        try (FileChannel file =
                FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer whole = wholePages(file, filePosition, bytes, free);
            while (whole.hasRemaining()) {
                at += file.write(whole, at);
            }
            bytes.position(bytes.limit());
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

    /**
     * The bytes, with zeroes to the end of the last page if that one cannot be read: part of such a
     * page cannot be written either. Written as a whole it is as good as new, since a drive gives
     * it another place. The zeroes stand for nothing that could still be read.
     */
    private static ByteBuffer wholePages(
            FileChannel file, long filePosition, ByteBuffer bytes, long free) throws IOException {
        long end = filePosition + bytes.remaining();
        int inLast = (int) (end % PageReader.PAGE);
        if (filePosition % PageReader.PAGE != 0 && !PageReader.readable(file, filePosition)) {
            throw new IOException("its page cannot be read, with what lies before in it");
        }
        if (inLast == 0 || PageReader.readable(file, end)) {
            return bytes;
        }
        int rest = PageReader.PAGE - inLast;
        if (end + rest > free) {
            throw new IOException("its page cannot be read, and more is recorded in it");
        }
        ByteBuffer whole = ByteBuffer.allocateDirect(bytes.remaining() + rest);
        return whole.put(bytes).clear();
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
