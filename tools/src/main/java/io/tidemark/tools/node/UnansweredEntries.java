package io.tidemark.tools.node;

import io.tidemark.journal.apply.ReadOverlay;
import java.util.Arrays;
import java.util.List;

/**
 * Entries that are appended but not yet answerable, in log order; they enter the read overlay when
 * they become so, before any reply tells of them. Until then a read does not see them, so it never
 * returns what a failover could take back. Data thread only.
 */
final class UnansweredEntries {
    private static final int FIELDS = 6;

    private long[] ring = new long[FIELDS * 1024];
    private int capacity = 1024;
    private int head;
    private int size;

    /**
     * @param end end of the whole request that the entry belongs to
     * @param payloadAddress log position of the payload's first byte, or {@link ReadOverlay#ZEROES}
     */
    void add(int volume, long position, long end, long offset, long length, long payloadAddress) {
        if (size == capacity) {
            ring = Arrays.copyOf(ring, ring.length * 2);
            System.arraycopy(ring, 0, ring, capacity * FIELDS, head * FIELDS);
            capacity *= 2;
        }
        int at = ((head + size) & (capacity - 1)) * FIELDS;
        ring[at] = volume;
        ring[at + 1] = position;
        ring[at + 2] = end;
        ring[at + 3] = offset;
        ring[at + 4] = length;
        ring[at + 5] = payloadAddress;
        size++;
    }

    /** The request whose entries were added with an open end has its end now. */
    void closeRequest(int entries, long end) {
        for (int i = size - entries; i < size; i++) {
            ring[((head + i) & (capacity - 1)) * FIELDS + 2] = end;
        }
    }

    /** The newest entries belong to a request that will never be whole. */
    void drop(int entries) {
        size -= entries;
    }

    int size() {
        return size;
    }

    /** Moves all entries of requests that end at or below {@code answerable} into the overlays. */
    void moveTo(List<ReadOverlay> overlays, long answerable) {
        while (size > 0) {
            int at = head * FIELDS;
            if (ring[at + 2] > answerable) {
                return;
            }
            ReadOverlay overlay = overlays.get((int) ring[at]);
            if (!overlay.add(ring[at + 1], ring[at + 3], ring[at + 4], ring[at + 5])) {
                throw new IllegalStateException(
                        "the overlay is full although room was asked for before the append");
            }
            head = (head + 1) & (capacity - 1);
            size--;
        }
    }

    void clear() {
        head = 0;
        size = 0;
    }
}
