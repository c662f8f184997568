package io.tidemark.journal.secret;

import java.nio.ByteBuffer;

/** 128 bits that are used once, or the code over something; all zero for none. */
public record Nonce(long high, long low) {
    public static final Nonce NONE = new Nonce(0, 0);

    /** The first bytes of a longer value. */
    static Nonce first(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Nonce(buffer.getLong(), buffer.getLong());
    }

    /** Takes the same time whatever differs. */
    boolean same(Nonce other) {
        return ((high ^ other.high) | (low ^ other.low)) == 0;
    }
}
