package io.tidemark.journal.apply;

import io.tidemark.journal.partition.Partition;
import java.nio.ByteBuffer;

/**
 * Writes a map of extents to a partition in offset order, neighbours together in one gathering
 * write, and zeroes as zeroes. Applier thread only.
 */
final class ExtentWriter {
    private static final int MAX_GATHER = 64;
    private static final int MAX_WRITE = 4 * 1024 * 1024;

    private final ByteBuffer[] gather = new ByteBuffer[MAX_GATHER];

    /**
     * @param source the bytes that values of extents are indexes of
     */
    ExtentWriter(ByteBuffer source) {
        for (int i = 0; i < MAX_GATHER; i++) {
            gather[i] = source.duplicate();
        }
    }

    void write(ExtentMap extents, Partition partition) {
        long cursor = extents.first();
        while (cursor != ExtentMap.NONE) {
            cursor =
                    extents.value(cursor) < 0
                            ? zero(extents, cursor, partition)
                            : data(extents, cursor, partition);
        }
    }

    private static long zero(ExtentMap extents, long first, Partition partition) {
        long start = extents.start(first);
        long end = start;
        long value = extents.value(first);
        long cursor = first;
        while (cursor != ExtentMap.NONE
                && extents.start(cursor) == end
                && extents.value(cursor) == value) {
            end = extents.end(cursor);
            cursor = extents.next(cursor);
        }
        partition.zero(start, end - start, value == ExtentMap.ZEROES);
        return cursor;
    }

    private long data(ExtentMap extents, long first, Partition partition) {
        long start = extents.start(first);
        long end = start;
        int count = 0;
        long cursor = first;
        while (cursor != ExtentMap.NONE
                && count < MAX_GATHER
                && end - start < MAX_WRITE
                && extents.start(cursor) == end
                && extents.value(cursor) >= 0) {
            int from = (int) extents.value(cursor);
            int length = (int) (extents.end(cursor) - extents.start(cursor));
            gather[count++].limit(from + length).position(from);
            end += length;
            cursor = extents.next(cursor);
        }
        if (count == 1) {
            partition.write(start, gather[0]);
        } else {
            partition.write(start, gather, 0, count);
        }
        return cursor;
    }
}
