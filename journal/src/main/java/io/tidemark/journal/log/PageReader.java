package io.tidemark.journal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;

/**
 * Reads files of a disk that may have sectors which cannot be read. Where a read fails it goes on
 * page by page, and a page that cannot be read is filled with zeroes: no entry of a log looks like
 * that, so whoever checks entries meets damage there and not the end of the node. A disk on which
 * nothing can be read any more is not damage: after {@link #GIVE_UP_PAGES} in a row the read fails.
 *
 * <p>One thread at a time.
 */
public final class PageReader {
    /** Bytes; what Linux reads and writes at once, and no drive's sector is larger. */
    public static final int PAGE = 4096;

    /**
     * 4 MiB: more than a scratch on a disk, and not too long to wait for a disk that tries hard.
     */
    private static final int GIVE_UP_PAGES = 1024;

    private int inARow;
    private String cause = "";

    /**
     * Fills the target from an offset of the file on; ends early where the file ends.
     *
     * @return offset of the first page, or part of a page, that could not be read and was filled
     *     with zeroes; -1 if all was read
     * @throws IOException if the disk does not seem to be there any more
     */
    public long read(FileChannel file, long offset, ByteBuffer target) throws IOException {
        int limit = target.limit();
        long at = offset;
        long unreadable = -1;
        while (target.hasRemaining()) {
            int length;
            try {
                length = file.read(target, at);
                inARow = 0;
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                length = (int) Math.min(target.remaining(), PAGE - at % PAGE);
                target.limit(target.position() + length);
                if (!readPage(file, at, target)) {
                    unreadable = unreadable < 0 ? at : unreadable;
                }
                target.limit(limit);
            }
            if (length < 0) {
                break;
            }
            at += length;
        }
        return unreadable;
    }

    private boolean readPage(FileChannel file, long offset, ByteBuffer target) throws IOException {
        int start = target.position();
        try {
            while (target.hasRemaining()
                    && file.read(target, offset + target.position() - start) >= 0) {}
            inARow = 0;
            return true;
        } catch (IOException e) {
            if (++inARow > GIVE_UP_PAGES) {
                throw e;
            }
            cause = String.valueOf(e.getMessage());
            target.position(start);
            while (target.hasRemaining()) {
                target.put((byte) 0);
            }
            return false;
        }
    }

    /** Why the last page that could not be read could not. */
    public String cause() {
        return cause;
    }

    /** Whether the page that an offset lies in can be read; also if the file ends before it. */
    public static boolean readable(FileChannel file, long offset) throws IOException {
        ByteBuffer page = ByteBuffer.allocateDirect(PAGE);
        return new PageReader().read(file, offset - offset % PAGE, page) < 0;
    }
}
