package io.tidemark.tools.disk;

/** A call to the disk ends with this error. */
final class DiskException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int errno;

    DiskException(Errno errno) {
        this(errno.number());
    }

    /**
     * @param errno as Linux counts them, above zero
     */
    DiskException(int errno) {
        super("errno " + errno, null, false, false);
        this.errno = errno;
    }

    int errno() {
        return errno;
    }

    /** Passes on a result of {@link Sys}, unless that is an error. */
    static long check(long result) {
        if (result < 0) {
            throw new DiskException((int) -result);
        }
        return result;
    }
}
