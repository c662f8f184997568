package io.tidemark.journal.secret;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * HMAC-SHA256 (RFC 2104) with one key. A class of its own because {@code javax.crypto.Mac}
 * allocates its result on every call, and one is made per control message of the data thread.
 *
 * <p>Not thread-safe.
 */
final class Hmac {
    static final int BYTES = 32;

    private static final int BLOCK = 64;

    private final MessageDigest sha256;
    private final byte[] inner = new byte[BLOCK];
    private final byte[] outer = new byte[BLOCK];

    Hmac(byte[] key) {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        byte[] block = key.length > BLOCK ? sha256.digest(key) : key;
        for (int i = 0; i < BLOCK; i++) {
            byte b = i < block.length ? block[i] : 0;
            inner[i] = (byte) (b ^ 0x36);
            outer[i] = (byte) (b ^ 0x5c);
        }
    }

    /**
     * Computes the code of the first bytes of {@code data}.
     *
     * @param out {@link #BYTES} long
     */
    void of(byte[] data, int length, byte[] out) {
        try {
            sha256.update(inner);
            sha256.update(data, 0, length);
            sha256.digest(out, 0, BYTES);
            sha256.update(outer);
            sha256.update(out, 0, BYTES);
            sha256.digest(out, 0, BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("the result has " + out.length + " bytes", e);
        }
    }

    byte[] of(byte[] data) {
        byte[] out = new byte[BYTES];
        of(data, data.length, out);
        return out;
    }
}
