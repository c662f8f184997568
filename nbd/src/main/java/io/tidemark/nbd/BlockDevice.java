package io.tidemark.nbd;

/**
 * The device behind an export: the port through which the server hands requests on.
 *
 * <p>All calls and all completions happen on the data thread. Requests arrive validated: inside the
 * device's bounds, not longer than the server's maximum where they carry data, never empty (except
 * {@link Command#FLUSH}), and never modifying when {@link #readOnly()}.
 *
 * <p>The server advertises CAN_MULTI_CONN, so the device guarantees that a completed FLUSH covers
 * every write that was completed before it was submitted, whatever connection they came from.
 */
public interface BlockDevice {
    /** Size in bytes; any offset and length inside it may be asked for, aligned or not. */
    long sizeBytes();

    /** Whether modifying requests are refused; constant while clients are connected. */
    boolean readOnly();

    /**
     * Takes a request.
     *
     * @return true if the request is taken: it ends with exactly one {@link
     *     DeviceRequest#complete(int)}, possibly before this method returns. False if there is no
     *     room now: nothing was taken, the server offers the same request again in its next duty
     *     cycle and takes nothing else from that connection meanwhile.
     */
    boolean submit(DeviceRequest request);
}
