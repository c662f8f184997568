package io.tidemark.journal.linux;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Gives a range of a file its blocks before anybody writes there, so that the write cannot fail for
 * lack of space. What the file holds does not change, nor does its length: somebody else may write
 * to it at the same time. Stateless; any thread; may block.
 */
public final class Preallocation {
    /** What the file system said. */
    public enum Outcome {
        /** The range has its blocks. */
        DONE,
        /** No space, or none left in the quota; part of the range may have blocks now. */
        NO_SPACE,
        /** This file system cannot promise blocks. */
        UNSUPPORTED
    }

    private Preallocation() {}

    /**
     * Allocates a range of an existing file.
     *
     * @param start first byte
     * @param length in bytes, above zero
     * @throws NoSuchFileException if there is no such file
     * @throws IOException for whatever {@link Outcome} has no name for
     */
    public static Outcome allocate(Path file, long start, long length) throws IOException {
        int fd = Linux.open(file, Linux.O_RDWR | Linux.O_CLOEXEC, 0);
        if (fd == -Linux.ENOENT) {
            throw new NoSuchFileException(file.toString());
        }
        if (fd < 0) {
            throw new IOException(file + " cannot be opened: " + Linux.message(-fd));
        }
        try {
            int result = Linux.fallocate(fd, Linux.FALLOC_KEEP_SIZE, start, length);
            return switch (-result) {
                case 0 -> Outcome.DONE;
                case Linux.ENOSPC, Linux.EDQUOT -> Outcome.NO_SPACE;
                case Linux.EOPNOTSUPP -> Outcome.UNSUPPORTED;
                default ->
                        throw new IOException(
                                "fallocate of " + file + " failed: " + Linux.message(-result));
            };
        } finally {
            Linux.close(fd);
        }
    }
}
