package io.tidemark.journal.secret;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;

/**
 * Puts a counter and a code over message and counter behind each message of one direction of a
 * link's session. {@link SealCheck} is the other side.
 *
 * <p>Data thread only. Nothing is allocated once the longest message was seen.
 */
public final class Seal {
    /** Bytes behind a message: counter, code. */
    public static final int BYTES = 24;

    private static final int INITIAL = 4096;

    private final Hmac hmac;
    private final byte[] code = new byte[Hmac.BYTES];
    private byte[] message = new byte[INITIAL];
    private long counter;

    Seal(byte[] key) {
        hmac = new Hmac(key);
    }

    /**
     * Seals the message at the beginning of a buffer that has room for {@link #BYTES} more.
     *
     * @return length of both
     */
    public int seal(MutableDirectBuffer buffer, int length) {
        buffer.putLong(length, ++counter, ByteOrder.LITTLE_ENDIAN);
        int sealed = length + Long.BYTES;
        if (sealed > message.length) {
            message = new byte[2 * sealed];
        }
        buffer.getBytes(0, message, 0, sealed);
        hmac.of(message, sealed, code);
        buffer.putBytes(sealed, code, 0, BYTES - Long.BYTES);
        return length + BYTES;
    }
}
