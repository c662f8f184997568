package io.tidemark.nbd;

/**
 * Decides what the protocol says about a request before the device sees it; total, without state.
 */
final class RequestValidator {
    private RequestValidator() {}

    /**
     * The error that refuses the request, or {@link NbdErrors#NONE}.
     *
     * @param offset as on the wire, so above 2^63 negative
     * @param length as on the wire, 0 to 2^32 - 1
     */
    static int check(
            int type, int flags, long offset, long length, BlockDevice device, int maxRequest) {
        return switch (type) {
            case NbdProtocol.CMD_READ ->
                    hasOther(flags, 0) || length > maxRequest || isOutside(offset, length, device)
                            ? NbdErrors.EINVAL
                            : NbdErrors.NONE;
            case NbdProtocol.CMD_WRITE ->
                    hasOther(flags, 0) || length > maxRequest
                            ? NbdErrors.EINVAL
                            : modify(offset, length, device, NbdErrors.ENOSPC);
            case NbdProtocol.CMD_TRIM ->
                    hasOther(flags, 0)
                            ? NbdErrors.EINVAL
                            : modify(offset, length, device, NbdErrors.EINVAL);
            case NbdProtocol.CMD_WRITE_ZEROES ->
                    hasOther(flags, NbdProtocol.CMD_FLAG_NO_HOLE)
                            ? NbdErrors.EINVAL
                            : modify(offset, length, device, NbdErrors.ENOSPC);
            case NbdProtocol.CMD_FLUSH ->
                    hasOther(flags, 0) || offset != 0 || length != 0
                            ? NbdErrors.EINVAL
                            : NbdErrors.NONE;
            default -> NbdErrors.EINVAL;
        };
    }

    private static int modify(long offset, long length, BlockDevice device, int beyondEnd) {
        if (device.readOnly()) {
            return NbdErrors.EPERM;
        }
        return isOutside(offset, length, device) ? beyondEnd : NbdErrors.NONE;
    }

    /** FUA was advertised, so it is legal on every command. */
    private static boolean hasOther(int flags, int legal) {
        return (flags & ~(legal | NbdProtocol.CMD_FLAG_FUA)) != 0;
    }

    /** Never adds offset and length: the sum may not fit 64 bits. */
    private static boolean isOutside(long offset, long length, BlockDevice device) {
        long size = device.sizeBytes();
        return offset < 0 || offset > size || length > size - offset;
    }
}
