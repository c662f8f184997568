package io.tidemark.perf.load;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * What every block of a device must hold, and the only place that knows what stamped content looks
 * like: each sector of 512 bytes begins with its offset on the device and the number of the write
 * that put it there; the rest is a fixed pattern that does not compress. So lost, misplaced, torn
 * and stale sectors all show.
 *
 * <p>A block is written by one request at a time: with two in flight nobody could say which is the
 * last. Not thread-safe; allocates nothing after its construction.
 */
public final class Ledger {
    /** Unit of the ledger, bytes. */
    public static final int BLOCK_BYTES = 4096;

    private static final int SECTOR_BYTES = 512;
    private static final int STAMP_BYTES = 2 * Long.BYTES;
    private static final byte[] PATTERN = pattern();

    private final long[] writes;
    private final boolean[] busy;
    private long lastWrite;

    /**
     * @param areaBytes bytes of the device that are used, from its start; a multiple of 1 MiB
     */
    public Ledger(long areaBytes) {
        if (areaBytes <= 0 || areaBytes % (1 << 20) != 0 || areaBytes / BLOCK_BYTES > 1 << 28) {
            throw new IllegalArgumentException("areaBytes " + areaBytes);
        }
        writes = new long[(int) (areaBytes / BLOCK_BYTES)];
        busy = new boolean[writes.length];
    }

    public long areaBytes() {
        return (long) writes.length * BLOCK_BYTES;
    }

    /** Fills a buffer's rest with the pattern; {@link #begin} then only puts the stamps. */
    static void prepare(ByteBuffer payload) {
        while (payload.hasRemaining()) {
            payload.put(PATTERN, 0, Math.min(SECTOR_BYTES, payload.remaining()));
        }
    }

    /** Whether no request to any of the blocks is in flight. */
    boolean isFree(long offset, int length) {
        int first = (int) (offset / BLOCK_BYTES);
        for (int i = 0; i < length / BLOCK_BYTES; i++) {
            if (busy[first + i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * A write begins: stamps its payload.
     *
     * @param payload prepared, big-endian; the payload lies from {@code index} on
     * @return the write's number
     */
    long begin(ByteBuffer payload, int index, long offset, int length) {
        long write = ++lastWrite;
        for (int i = 0; i < length; i += SECTOR_BYTES) {
            payload.putLong(index + i, offset + i);
            payload.putLong(index + i + Long.BYTES, write);
        }
        mark(offset, length, true);
        return write;
    }

    /** A write was answered. */
    void end(long write, long offset, int length) {
        int first = (int) (offset / BLOCK_BYTES);
        Arrays.fill(writes, first, first + length / BLOCK_BYTES, write);
        mark(offset, length, false);
    }

    private void mark(long offset, int length, boolean inFlight) {
        int first = (int) (offset / BLOCK_BYTES);
        Arrays.fill(busy, first, first + length / BLOCK_BYTES, inFlight);
    }

    /**
     * Whether the first sector of each block read is the expected one: cheap enough for every read
     * under load.
     */
    boolean matchesAtFirstSight(ByteBuffer data, int index, long offset, int length) {
        for (int i = 0; i < length; i += BLOCK_BYTES) {
            long write = writes[(int) ((offset + i) / BLOCK_BYTES)];
            long expectedOffset = write == 0 ? 0 : offset + i;
            if (data.getLong(index + i) != expectedOffset
                    || data.getLong(index + i + Long.BYTES) != write) {
                return false;
            }
        }
        return true;
    }

    /** Fills a buffer's rest with what the device must hold from {@code offset} on. */
    void expect(ByteBuffer content, long offset) {
        long at = offset;
        while (content.hasRemaining()) {
            long write = writes[(int) (at / BLOCK_BYTES)];
            int next = content.position() + SECTOR_BYTES;
            if (write == 0) {
                while (content.position() < next) {
                    content.putLong(0);
                }
            } else {
                content.putLong(at)
                        .putLong(write)
                        .put(PATTERN, STAMP_BYTES, SECTOR_BYTES - STAMP_BYTES);
            }
            at += SECTOR_BYTES;
        }
    }

    private static byte[] pattern() {
        byte[] bytes = new byte[SECTOR_BYTES];
        new SplittableRandom(0x5eed).nextBytes(bytes);
        return bytes;
    }
}
