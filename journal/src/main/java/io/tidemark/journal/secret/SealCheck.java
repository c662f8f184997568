package io.tidemark.journal.secret;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * Tells whether messages were sealed by the other side of a link's session, unchanged, and each
 * later than the one before: what was recorded and is sent again does not count.
 *
 * <p>Data thread only. Nothing is allocated once the longest message was seen.
 */
public final class SealCheck {
    private static final int INITIAL = 4096;

    private final Hmac hmac;
    private final byte[] code = new byte[Hmac.BYTES];
    private byte[] message = new byte[INITIAL];
    private long last;

    SealCheck(byte[] key) {
        hmac = new Hmac(key);
    }

    /**
     * @param length of the message and its seal
     * @return whether the message counts
     */
    public boolean accepts(DirectBuffer buffer, int offset, int length) {
        int sealed = length - (Seal.BYTES - Long.BYTES);
        if (length < Seal.BYTES) {
            return false;
        }
        long counter = buffer.getLong(offset + sealed - Long.BYTES, ByteOrder.LITTLE_ENDIAN);
        if (counter <= last) {
            return false;
        }
        if (sealed > message.length) {
            message = new byte[2 * sealed];
        }
        buffer.getBytes(offset, message, 0, sealed);
        hmac.of(message, sealed, code);
        int difference = 0;
        for (int i = 0; i < Seal.BYTES - Long.BYTES; i++) {
            // All of them are looked at: how long it takes must not tell how many are right.
            difference |= code[i] ^ buffer.getByte(offset + sealed + i);
        }
        if (difference != 0) {
            return false;
        }
        last = counter;
        return true;
    }
}
