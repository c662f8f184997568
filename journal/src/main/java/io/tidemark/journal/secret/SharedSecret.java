package io.tidemark.journal.secret;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What all nodes of a configuration know and nobody else. It is used for nothing but to derive keys
 * and proofs, each under a label of its own, so that one is never good for another. Immutable.
 */
public final class SharedSecret {
    /** Shorter ones could be guessed from what goes over the network. */
    public static final int MIN_BYTES = 16;

    private final byte[] root;

    private SharedSecret(byte[] root) {
        this.root = root;
    }

    /**
     * @throws IllegalArgumentException if it is shorter than {@link #MIN_BYTES}
     */
    public static SharedSecret of(byte[] secret) {
        if (secret.length < MIN_BYTES) {
            throw new IllegalArgumentException(
                    secret.length + " bytes of secret, at least " + MIN_BYTES + " are needed");
        }
        return new SharedSecret(
                new Hmac("tidemark shared secret 1".getBytes(StandardCharsets.UTF_8)).of(secret));
    }

    /** A key for one purpose between two sides; the order of the sides matters. */
    byte[] derive(String label, Nonce first, Nonce second, String firstName, String secondName) {
        byte[] labelBytes = label.getBytes(StandardCharsets.UTF_8);
        byte[] firstBytes = firstName.getBytes(StandardCharsets.UTF_8);
        byte[] secondBytes = secondName.getBytes(StandardCharsets.UTF_8);
        // Every length is in it: no two different inputs are the same bytes.
        ByteBuffer input =
                ByteBuffer.allocate(
                        12 + 32 + labelBytes.length + firstBytes.length + secondBytes.length);
        input.putInt(labelBytes.length).put(labelBytes);
        input.putLong(first.high()).putLong(first.low());
        input.putLong(second.high()).putLong(second.low());
        input.putInt(firstBytes.length).put(firstBytes);
        input.putInt(secondBytes.length).put(secondBytes);
        return new Hmac(root).of(input.array());
    }

    /** Says nothing of it. */
    @Override
    public String toString() {
        return "SharedSecret";
    }
}
