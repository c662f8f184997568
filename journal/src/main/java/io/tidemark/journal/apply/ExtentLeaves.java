package io.tidemark.journal.apply;

import java.util.Arrays;

/**
 * The storage of {@link ExtentMap}: extents in order of their starts, in leaves of {@value
 * #CAPACITY} below one directory. Knows order and memory, not what overlapping means.
 *
 * <p>A <em>place</em> is {@code leaf << 32 | slot}; it denotes an extent, or the end of the
 * sequence (the slot behind the last one of the last leaf). Changes invalidate places unless they
 * say otherwise. There is always at least one leaf; only a sole leaf may be empty. Leaves that fall
 * out of use are kept for the next split.
 */
final class ExtentLeaves {
    static final int CAPACITY = 64;

    /** One leaf is four planes, so that the search touches only starts. */
    private static final int END = CAPACITY;

    private static final int VALUE = 2 * CAPACITY;
    private static final int TAG = 3 * CAPACITY;
    private static final int LEAF_LONGS = 4 * CAPACITY;

    /**
     * A pair of neighbours that fits in half a leaf is merged: leaves are more than a quarter full
     * on average.
     */
    private static final int MERGE_BELOW = CAPACITY / 2;

    private long[] firstStarts = new long[16];
    private int[] counts = new int[16];
    private long[][] leaves = new long[16][];
    private int leafCount = 1;
    private long[][] spare = new long[16][];
    private int spareCount;
    private int size;

    ExtentLeaves() {
        leaves[0] = new long[LEAF_LONGS];
    }

    int size() {
        return size;
    }

    void clear() {
        for (int i = 1; i < leafCount; i++) {
            keepSpare(leaves[i]);
        }
        Arrays.fill(leaves, 1, leafCount, null);
        leafCount = 1;
        counts[0] = 0;
        size = 0;
    }

    static long place(int leaf, int slot) {
        return (long) leaf << 32 | slot;
    }

    private static int leafOf(long place) {
        return (int) (place >>> 32);
    }

    private static int slotOf(long place) {
        return (int) place;
    }

    boolean isEnd(long place) {
        return slotOf(place) >= counts[leafOf(place)];
    }

    long start(long place) {
        return leaves[leafOf(place)][slotOf(place)];
    }

    long end(long place) {
        return leaves[leafOf(place)][END + slotOf(place)];
    }

    long value(long place) {
        return leaves[leafOf(place)][VALUE + slotOf(place)];
    }

    long tag(long place) {
        return leaves[leafOf(place)][TAG + slotOf(place)];
    }

    /** Moves the start; the order must stay as it is. Places stay valid. */
    void setStart(long place, long start) {
        leaves[leafOf(place)][slotOf(place)] = start;
        if (slotOf(place) == 0) {
            firstStarts[leafOf(place)] = start;
        }
    }

    void setEnd(long place, long end) {
        leaves[leafOf(place)][END + slotOf(place)] = end;
    }

    void setValue(long place, long value) {
        leaves[leafOf(place)][VALUE + slotOf(place)] = value;
    }

    void setTag(long place, long tag) {
        leaves[leafOf(place)][TAG + slotOf(place)] = tag;
    }

    /** The place behind an extent: the next one or the end. */
    long next(long place) {
        int leaf = leafOf(place);
        int slot = slotOf(place) + 1;
        return slot < counts[leaf] || leaf == leafCount - 1
                ? place(leaf, slot)
                : place(leaf + 1, 0);
    }

    /** The first extent whose end lies above {@code offset}, or the end. */
    long seek(long offset) {
        int leaf = Math.max(lastAtOrBelow(firstStarts, leafCount, offset), 0);
        int slot = lastAtOrBelow(leaves[leaf], counts[leaf], offset);
        if (slot < 0) {
            return place(leaf, 0);
        }
        long place = place(leaf, slot);
        return end(place) > offset ? place : next(place);
    }

    private static int lastAtOrBelow(long[] sorted, int count, long key) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] <= key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    /** Inserts before {@code place}. */
    void insert(long place, long start, long end, long value, long tag) {
        int leaf = leafOf(place);
        int slot = slotOf(place);
        if (counts[leaf] == CAPACITY) {
            // Appending leaves full leaves behind (sequential writes); anything else halves.
            int from = slot == CAPACITY && leaf == leafCount - 1 ? CAPACITY : CAPACITY / 2;
            split(leaf, from);
            if (slot > from || from == CAPACITY) {
                leaf++;
                slot -= from;
            }
        }
        long[] longs = leaves[leaf];
        int moved = counts[leaf] - slot;
        for (int plane = 0; plane < LEAF_LONGS; plane += CAPACITY) {
            System.arraycopy(longs, plane + slot, longs, plane + slot + 1, moved);
        }
        longs[slot] = start;
        longs[END + slot] = end;
        longs[VALUE + slot] = value;
        longs[TAG + slot] = tag;
        counts[leaf]++;
        size++;
        if (slot == 0) {
            firstStarts[leaf] = start;
        }
    }

    /** Removes what lies from the place {@code from} up to, not including, the place {@code to}. */
    void remove(long from, long to) {
        if (from == to) {
            return;
        }
        int first = leafOf(from);
        int last = leafOf(to);
        if (first == last) {
            removeSlots(first, slotOf(from), slotOf(to));
        } else {
            removeSlots(first, slotOf(from), counts[first]);
            removeSlots(last, 0, slotOf(to));
            for (int i = first + 1; i < last; i++) {
                size -= counts[i];
            }
            dropLeaves(first + 1, last);
            mergeIfSmall(first);
        }
        mergeIfSmall(first);
        if (first > 0) {
            mergeIfSmall(first - 1);
        }
    }

    private void removeSlots(int leaf, int from, int to) {
        long[] longs = leaves[leaf];
        int kept = counts[leaf] - to;
        for (int plane = 0; plane < LEAF_LONGS; plane += CAPACITY) {
            System.arraycopy(longs, plane + to, longs, plane + from, kept);
        }
        counts[leaf] = from + kept;
        size -= to - from;
        if (from == 0 && kept > 0) {
            firstStarts[leaf] = longs[0];
        }
    }

    private void split(int leaf, int from) {
        if (leafCount == leaves.length) {
            grow();
        }
        int moved = leafCount - leaf - 1;
        System.arraycopy(firstStarts, leaf + 1, firstStarts, leaf + 2, moved);
        System.arraycopy(counts, leaf + 1, counts, leaf + 2, moved);
        System.arraycopy(leaves, leaf + 1, leaves, leaf + 2, moved);
        leafCount++;
        leaves[leaf + 1] = spareCount > 0 ? spare[--spareCount] : new long[LEAF_LONGS];
        counts[leaf + 1] = 0;
        moveTail(leaf, from, leaf + 1);
        firstStarts[leaf + 1] = leaves[leaf + 1][0];
    }

    /**
     * Merges a leaf with its right neighbour if both are small. An empty one always is: no leaf but
     * a sole one stays empty.
     */
    private void mergeIfSmall(int leaf) {
        int right = leaf + 1;
        if (right >= leafCount) {
            return;
        }
        if (counts[right] == 0) {
            dropLeaves(right, right + 1);
        } else if (counts[leaf] == 0) {
            dropLeaves(leaf, right);
        } else if (counts[leaf] + counts[right] <= MERGE_BELOW) {
            moveTail(right, 0, leaf);
            dropLeaves(right, right + 1);
        }
    }

    private void moveTail(int source, int from, int target) {
        int moved = counts[source] - from;
        for (int plane = 0; plane < LEAF_LONGS; plane += CAPACITY) {
            System.arraycopy(
                    leaves[source], plane + from, leaves[target], plane + counts[target], moved);
        }
        counts[source] = from;
        counts[target] += moved;
    }

    private void dropLeaves(int from, int to) {
        for (int i = from; i < to; i++) {
            keepSpare(leaves[i]);
        }
        int kept = leafCount - to;
        System.arraycopy(firstStarts, to, firstStarts, from, kept);
        System.arraycopy(counts, to, counts, from, kept);
        System.arraycopy(leaves, to, leaves, from, kept);
        Arrays.fill(leaves, from + kept, leafCount, null);
        leafCount = from + kept;
    }

    private void keepSpare(long[] leaf) {
        if (spareCount == spare.length) {
            spare = Arrays.copyOf(spare, 2 * spareCount);
        }
        spare[spareCount++] = leaf;
    }

    private void grow() {
        int length = 2 * leafCount;
        firstStarts = Arrays.copyOf(firstStarts, length);
        counts = Arrays.copyOf(counts, length);
        leaves = Arrays.copyOf(leaves, length);
    }
}
