package io.tidemark.journal.apply;

import java.util.Arrays;

/**
 * What is answered but not yet applied, of one volume (invariant I8): a read takes these bytes from
 * the log and only the rest from the partition.
 *
 * <p>Two parts: an {@link ExtentMap} from volume offsets to log addresses, tagged with the entry's
 * position, and the entries in log order. Once the partition reflects the log up to a position,
 * exactly those extents go whose entry lies below it and that no later entry has overwritten. An
 * entry must stay until the partition holds its bytes, and a read that was resolved before must
 * still find its addresses in the journal: the reader pins its position first.
 *
 * <p>The bound is on entries. {@code n} entries, the oldest of which leave first, never make more
 * than {@code 2n - 1} extents, because every boundary is the start or the end of an entry still
 * there; so the map's own limit is never met. Arrays grow up to the bound and are kept.
 *
 * <p>Single writer and reader: the data thread.
 */
public final class ReadOverlay {
    /** Payload address of an entry that reads as zeroes. */
    public static final long ZEROES = ExtentMap.ZEROES;

    private static final int FIRST_CAPACITY = 1024;

    /** Beyond, twice the entries would not be an int. */
    private static final int MOST_ENTRIES = 1 << 29;

    private final int maxEntries;
    private final ExtentMap extents;

    /** A ring of entries; the capacity is a power of two. */
    private long[] positions = new long[FIRST_CAPACITY];

    private long[] starts = new long[FIRST_CAPACITY];
    private long[] ends = new long[FIRST_CAPACITY];

    /** Counts of entries ever removed and ever added. */
    private long head;

    private long tail;

    private long lastPosition = -1;

    /**
     * An empty overlay.
     *
     * @param maxEntries limit of entries that are not applied
     */
    public ReadOverlay(int maxEntries) {
        if (maxEntries < 1 || maxEntries > MOST_ENTRIES) {
            throw new IllegalArgumentException(
                    "maxEntries " + maxEntries + " is not within 1 and " + MOST_ENTRIES);
        }
        this.maxEntries = maxEntries;
        this.extents = new ExtentMap(2 * maxEntries + 1);
    }

    /** Whether another entry is accepted; if not, the volume's clients wait for the applier. */
    public boolean hasRoom() {
        return tail - head < maxEntries;
    }

    /**
     * Entries that {@link #add} accepts before {@link #hasRoom()} is false: a request needs as many
     * as it has parts.
     */
    public int room() {
        return maxEntries - unappliedEntries();
    }

    /**
     * Adds an entry, in log order.
     *
     * @param position of the entry in the log
     * @param offset bytes from the start of the volume
     * @param length bytes, above 0
     * @param payloadAddress log position of the payload's first byte, or {@link #ZEROES}
     * @return false, and nothing is changed, unless {@link #hasRoom()}
     */
    public boolean add(long position, long offset, long length, long payloadAddress) {
        assert position > lastPosition : position + " is not above " + lastPosition;
        assert payloadAddress >= ZEROES : "no address: " + payloadAddress;
        if (!hasRoom()) {
            return false;
        }
        long end = Math.addExact(offset, length);
        boolean accepted = extents.put(offset, end, payloadAddress, position);
        assert accepted : "more than two extents per entry";
        if (tail - head == positions.length) {
            grow();
        }
        int index = index(tail);
        positions[index] = position;
        starts[index] = offset;
        ends[index] = end;
        tail++;
        lastPosition = position;
        return true;
    }

    /**
     * The partition reflects all entries that begin below {@code position}: reads take their bytes
     * from there.
     */
    public void appliedTo(long position) {
        while (head < tail) {
            int index = index(head);
            if (positions[index] >= position) {
                return;
            }
            extents.removeTagged(starts[index], ends[index], positions[index]);
            head++;
        }
    }

    /**
     * Shows where a range's bytes are: an extent's value is the log position of its first byte or
     * {@link #ZEROES} and its tag the entry's position; a gap is in the partition.
     */
    public void resolve(long offset, long length, ExtentVisitor visitor) {
        extents.forEach(offset, Math.addExact(offset, length), visitor);
    }

    /**
     * Forgets everything: the log was cut, or the node's role changed. The next entry may lie at
     * any position.
     */
    public void clear() {
        extents.clear();
        head = tail;
        lastPosition = -1;
    }

    public int unappliedExtents() {
        return extents.size();
    }

    public int unappliedEntries() {
        return (int) (tail - head);
    }

    private int index(long count) {
        return (int) count & (positions.length - 1);
    }

    private void grow() {
        positions = grown(positions);
        starts = grown(starts);
        ends = grown(ends);
    }

    /**
     * A full ring of twice the size: laid out twice, every count finds its entry under the wider
     * mask.
     */
    private static long[] grown(long[] ring) {
        long[] twice = Arrays.copyOf(ring, 2 * ring.length);
        System.arraycopy(ring, 0, twice, ring.length, ring.length);
        return twice;
    }
}
