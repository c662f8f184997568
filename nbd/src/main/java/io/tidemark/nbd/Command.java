package io.tidemark.nbd;

/** What a {@link DeviceRequest} asks of the device. */
public enum Command {
    READ,
    WRITE,
    TRIM,
    WRITE_ZEROES,
    FLUSH;

    /** Whether the command changes the device, which a read-only one refuses. */
    boolean modifies() {
        return switch (this) {
            case WRITE, TRIM, WRITE_ZEROES -> true;
            case READ, FLUSH -> false;
        };
    }
}
