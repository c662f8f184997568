package io.tidemark.tools.demo;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Blocks that say what they are: which run wrote them, at which block number, in which generation,
 * and with content that follows from the three. So a block that comes back can be judged without
 * any other record.
 *
 * @param run a random number, so that an old run's blocks are no success of this one
 */
record TestBlock(long run) {
    static final int BYTES = 4096;

    /** The content is neither this run's nor zeroes. */
    static final long FOREIGN = -1;

    private static final long MAGIC = 0x5449444543484543L;
    private static final int HEADER_BYTES = 32;

    /** Appends a block to a buffer. */
    void put(final ByteBuffer buffer, final long number, final long generation) {
        buffer.putLong(MAGIC).putLong(run).putLong(number).putLong(generation);
        final SplittableRandom content = content(number, generation);
        for (int i = HEADER_BYTES; i < BYTES; i += Long.BYTES) {
            buffer.putLong(content.nextLong());
        }
    }

    /**
     * Takes a block from a buffer.
     *
     * @return its generation, 0 if it was never written, {@link #FOREIGN} if it is damaged or in
     *     the wrong place
     */
    long take(final ByteBuffer buffer, final long number) {
        final ByteBuffer block = buffer.slice(buffer.position(), BYTES);
        buffer.position(buffer.position() + BYTES);
        if (block.mismatch(ByteBuffer.allocate(BYTES)) < 0) {
            return 0;
        }
        final long generation = block.getLong(HEADER_BYTES - Long.BYTES);
        final ByteBuffer wanted = ByteBuffer.allocate(BYTES);
        put(wanted, number, generation);
        return generation > 0 && block.mismatch(wanted.flip()) < 0 ? generation : FOREIGN;
    }

    private SplittableRandom content(final long number, final long generation) {
        return new SplittableRandom(run ^ (number * 0x9E3779B97F4A7C15L) ^ (generation << 40));
    }
}
