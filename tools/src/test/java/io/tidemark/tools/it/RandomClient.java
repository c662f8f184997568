package io.tidemark.tools.it;

import io.tidemark.tools.client.NbdClient;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;

/**
 * A connection that sends random requests to a byte range of its own, of any size and alignment,
 * and keeps in memory what the range must hold. Reads compare at once, also what is not yet
 * applied. One thread.
 */
final class RandomClient implements Callable<Void> {
    private static final int MAX_BYTES = 4 << 20;

    private final SocketAddress server;
    private final String export;
    private final long from;
    private final byte[] truth;
    private final long budget;
    private final SplittableRandom random;

    /**
     * @param from first byte of the range
     * @param length bytes of the range
     * @param budget bytes to write before it ends
     */
    RandomClient(
            SocketAddress server, String export, long from, int length, long budget, long seed) {
        this.server = server;
        this.export = export;
        this.from = from;
        this.truth = new byte[length];
        this.budget = budget;
        this.random = new SplittableRandom(seed);
    }

    @Override
    public Void call() throws IOException {
        try (NbdClient client = NbdClient.connect(server, export)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_BYTES);
            long written = 0;
            while (written < budget) {
                written += request(client, buffer);
            }
            readWhole(client, buffer);
            client.flush();
        }
        return null;
    }

    private int request(NbdClient client, ByteBuffer buffer) throws IOException {
        int length = length();
        int at = random.nextInt(truth.length - length + 1);
        switch (random.nextInt(12)) {
            case 0 -> {
                client.trim(from + at, length);
                Arrays.fill(truth, at, at + length, (byte) 0);
            }
            case 1 -> {
                client.writeZeroes(from + at, length);
                Arrays.fill(truth, at, at + length, (byte) 0);
            }
            case 2 -> client.flush();
            case 3, 4, 5 -> compare(client, buffer, at, length);
            default -> {
                write(client, buffer, at, length);
                return length;
            }
        }
        return 512;
    }

    private void write(NbdClient client, ByteBuffer buffer, int at, int length) throws IOException {
        byte[] content = new byte[length];
        random.nextBytes(content);
        buffer.clear().put(content).flip();
        client.write(from + at, buffer, random.nextInt(8) == 0);
        System.arraycopy(content, 0, truth, at, length);
    }

    /** All orders of magnitude alike, every other size a multiple of 512. */
    private int length() {
        int bound = 1 << (1 + random.nextInt(22));
        int length = 1 + random.nextInt(bound);
        int size = random.nextBoolean() ? length : (length + 511) & ~511;
        return Math.min(size, Math.min(MAX_BYTES, truth.length));
    }

    private void readWhole(NbdClient client, ByteBuffer buffer) throws IOException {
        for (int at = 0; at < truth.length; at += MAX_BYTES) {
            compare(client, buffer, at, Math.min(MAX_BYTES, truth.length - at));
        }
    }

    private void compare(NbdClient client, ByteBuffer buffer, int at, int length)
            throws IOException {
        client.read(from + at, buffer.clear().limit(length));
        int mismatch = buffer.flip().mismatch(ByteBuffer.wrap(truth, at, length));
        if (mismatch >= 0) {
            throw new AssertionError(
                    "byte %d of %s, read at %d for %d bytes, is not what was written"
                            .formatted(from + at + mismatch, export, from + at, length));
        }
    }

    /** What an earlier client of the same range left. */
    void begin(RandomClient earlier) {
        assert from == earlier.from && truth.length == earlier.truth.length;
        System.arraycopy(earlier.truth, 0, truth, 0, truth.length);
    }

    long from() {
        return from;
    }

    /** What the range must hold; after the end. */
    byte[] truth() {
        return truth;
    }
}
