package io.tidemark.nbd;

/** Error numbers of the NBD protocol, "Error values"; the only ones that may go on the wire. */
public final class NbdErrors {
    public static final int NONE = 0;

    /** Operation not permitted: a modifying request on a read-only export. */
    public static final int EPERM = 1;

    public static final int EIO = 5;
    public static final int ENOMEM = 12;
    public static final int EINVAL = 22;

    /** WRITE and WRITE_ZEROES beyond the end. */
    public static final int ENOSPC = 28;

    public static final int EOVERFLOW = 75;
    public static final int ENOTSUP = 95;
    public static final int ESHUTDOWN = 108;

    private NbdErrors() {}

    /** Whether the protocol defines this number. */
    static boolean isDefined(int error) {
        return switch (error) {
            case NONE, EPERM, EIO, ENOMEM, EINVAL, ENOSPC, EOVERFLOW, ENOTSUP, ESHUTDOWN -> true;
            default -> false;
        };
    }
}
