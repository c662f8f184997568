package io.tidemark.journal.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Writes zeroes into an existing file, which others write to elsewhere at the same time. Really
 * writes them: afterwards the blocks are neither missing nor merely allocated.
 *
 * <p>One thread at a time; blocks.
 */
public final class ZeroWriter implements AutoCloseable {
    private final Path file;
    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment zeroes;
    private final MemorySegment vector;

    /**
     * @param most bytes of one write
     * @throws NoSuchFileException if there is no such file
     */
    public ZeroWriter(Path file, int most) throws IOException {
        this.file = file;
        fd = Linux.open(file, Linux.O_RDWR | Linux.O_CLOEXEC, 0);
        if (fd == -Linux.ENOENT) {
            throw new NoSuchFileException(file.toString());
        }
        if (fd < 0) {
            throw new IOException(file + " cannot be opened: " + Linux.message(-fd));
        }
        zeroes = arena.allocate(most);
        vector = arena.allocate(Linux.IOVEC_BYTES, Long.BYTES);
        vector.set(ValueLayout.ADDRESS, 0, zeroes);
    }

    /**
     * Writes zeroes to a range.
     *
     * @return whether there was space for all of it
     * @throws IOException if it failed for another reason
     */
    public boolean write(long offset, int length) throws IOException {
        long done = 0;
        while (done < length) {
            vector.set(ValueLayout.JAVA_LONG, Long.BYTES, length - done);
            long result = Linux.pwritev(fd, vector, 1, offset + done);
            if (result == -Linux.ENOSPC || result == -Linux.EDQUOT) {
                return false;
            }
            if (result <= 0 && result != -Linux.EINTR) {
                throw new IOException(
                        "write to " + file + " failed: " + Linux.message((int) -result));
            }
            done += Math.max(0, result);
        }
        return true;
    }

    /** Makes them durable, and whatever else the file holds. */
    public void sync() throws IOException {
        int result = Linux.fsync(fd);
        if (result < 0) {
            throw new IOException("fsync of " + file + " failed: " + Linux.message(-result));
        }
    }

    @Override
    public void close() {
        Linux.close(fd);
        arena.close();
    }
}
