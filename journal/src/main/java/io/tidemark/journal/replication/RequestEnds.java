package io.tidemark.journal.replication;

import java.util.Arrays;

/**
 * Ends of the whole requests that are appended and not yet committed, oldest first: committed moves
 * from request end to request end (I7). A ring of longs that grows to what the unapplied limit
 * allows and then stays. Data thread only.
 */
final class RequestEnds {
    private long[] ends = new long[1024];
    private int head;
    private int size;

    void add(long end) {
        if (size == ends.length) {
            long[] larger = Arrays.copyOf(ends, ends.length * 2);
            System.arraycopy(ends, 0, larger, ends.length, head);
            ends = larger;
        }
        ends[(head + size) & (ends.length - 1)] = end;
        size++;
    }

    /**
     * Removes all ends up to {@code position} and returns the highest of them, or {@code otherwise}
     * if there is none.
     */
    long takeUpTo(long position, long otherwise) {
        long highest = otherwise;
        while (size > 0 && ends[head] <= position) {
            highest = ends[head];
            head = (head + 1) & (ends.length - 1);
            size--;
        }
        return highest;
    }

    void clear() {
        head = 0;
        size = 0;
    }
}
