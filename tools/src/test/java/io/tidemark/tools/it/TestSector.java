package io.tidemark.tools.it;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Sectors that say what they are: which run and writer wrote them, in which request, at which
 * sector of the volume, with content that follows from the four. So each can be judged by itself: a
 * mixture of two writes is none of them.
 *
 * @param run a random number, so that an old run's sectors are no success of this one
 */
record TestSector(long run) {
    static final int BYTES = 512;

    /** Neither a whole sector of this run's writer nor zeroes. */
    static final long FOREIGN = -1;

    private static final long MAGIC = 0x544f525455524531L;
    private static final int SEQUENCE_AT = 3 * Long.BYTES;

    /** Appends a sector to a buffer. */
    void put(ByteBuffer buffer, int writer, long sequence, long sector) {
        buffer.putLong(MAGIC).putLong(run).putLong(writer).putLong(sequence).putLong(sector);
        SplittableRandom content =
                new SplittableRandom(run ^ sector * 0x9E3779B97F4A7C15L ^ sequence << 20 ^ writer);
        for (int i = 5 * Long.BYTES; i < BYTES; i += Long.BYTES) {
            buffer.putLong(content.nextLong());
        }
    }

    /**
     * Takes a sector from a buffer.
     *
     * @return the sequence number of the request that wrote it, 0 for zeroes, or {@link #FOREIGN}
     */
    long take(ByteBuffer buffer, int writer, long sector) {
        ByteBuffer found = buffer.slice(buffer.position(), BYTES);
        buffer.position(buffer.position() + BYTES);
        if (found.mismatch(ByteBuffer.allocate(BYTES)) < 0) {
            return 0;
        }
        long sequence = found.getLong(SEQUENCE_AT);
        ByteBuffer wanted = ByteBuffer.allocate(BYTES);
        put(wanted, writer, sequence, sector);
        return sequence > 0 && found.mismatch(wanted.flip()) < 0 ? sequence : FOREIGN;
    }
}
