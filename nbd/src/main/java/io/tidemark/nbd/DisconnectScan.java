package io.tidemark.nbd;

import io.tidemark.codec.nbd.RequestDecoder;

/**
 * Looks ahead for a DISC in what a client sent before it went away. It decides whether requests
 * that the device has not taken yet are performed (a DISC follows them) or dropped (none does).
 */
final class DisconnectScan {
    private static final int HEADER = RequestDecoder.BLOCK_LENGTH;

    private DisconnectScan() {}

    /**
     * @param unread bytes from the buffer's head to the first header to look at
     */
    static boolean finds(ReceiveBuffer in, long unread, RequestDecoder header) {
        long at = unread;
        while (at + HEADER <= in.available()) {
            header.wrap(in.view(), in.head() + (int) at, HEADER, RequestDecoder.SCHEMA_VERSION);
            if ((int) header.magic() != NbdProtocol.REQUEST_MAGIC) {
                return false;
            }
            int type = header.commandType();
            if (type == NbdProtocol.CMD_DISC) {
                return true;
            }
            at += HEADER;
            if (type == NbdProtocol.CMD_WRITE) {
                at += header.length();
            }
        }
        return false;
    }
}
