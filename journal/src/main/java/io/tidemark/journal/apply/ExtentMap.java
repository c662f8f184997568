package io.tidemark.journal.apply;

/**
 * Which bytes were last written by what: non-overlapping half-open ranges {@code [start, end)} with
 * a value and a tag.
 *
 * <p><b>Values.</b> A value belongs to the first byte of its extent. A value of 0 or more is an
 * address that advances with the offset, so the right part of a split extent has {@code value +
 * (split - start)}; a negative value is a sentinel (such as {@link #ZEROES}) and stays as it is.
 * The tag, a log position, is kept on every part. Neighbours are never joined.
 *
 * <p><b>Structure.</b> Two levels: leaves of 64 extents in primitive arrays, below one sorted
 * directory of their first starts. It is a B+-tree whose inner part is flat. Against a treap or
 * red-black tree: two binary searches in arrays instead of a walk over some twenty scattered nodes,
 * and an in-order scan is a scan of memory. Against a full B+-tree: a leaf split or merge moves
 * part of the directory (24 kB for 100,000 extents, once per some 32 insertions), in exchange for
 * no rebalancing of inner nodes. It stays below a microsecond per put to some million extents,
 * which is more than a window or an overlay is allowed to hold.
 *
 * <p><b>Memory.</b> Arrays grow on the way to the largest size ever reached and are kept; from then
 * on nothing is allocated. A put adds at most two extents; it is refused when there is no room for
 * two, so that the caller holds back its source instead of failing half way.
 *
 * <p>Single-threaded.
 */
public final class ExtentMap {
    /** Value of an extent that reads as zeroes. */
    public static final long ZEROES = -1;

    /** The cursor behind the last extent. */
    public static final long NONE = -1;

    private static final int MOST_ADDED_BY_PUT = 2;

    private final ExtentLeaves leaves = new ExtentLeaves();
    private final int maxExtents;

    /**
     * An empty map.
     *
     * @param maxExtents limit that {@link #put} keeps
     */
    public ExtentMap(int maxExtents) {
        if (maxExtents < MOST_ADDED_BY_PUT) {
            throw new IllegalArgumentException("maxExtents " + maxExtents + " is below 2");
        }
        this.maxExtents = maxExtents;
    }

    public int size() {
        return leaves.size();
    }

    /** Whether the next {@link #put}, whatever it splits, is accepted. */
    public boolean hasRoom() {
        return size() <= maxExtents - MOST_ADDED_BY_PUT;
    }

    /** Forgets all extents and keeps the memory. */
    public void clear() {
        leaves.clear();
    }

    /**
     * Overwrites a range, whatever was there.
     *
     * @param start first byte
     * @param end one past the last byte
     * @param value of {@code start}
     * @param tag log position
     * @return false, and nothing is changed, unless {@link #hasRoom()}
     */
    public boolean put(long start, long end, long value, long tag) {
        checkRange(start, end);
        if (!hasRoom()) {
            return false;
        }
        long place = leaves.seek(start);
        if (!leaves.isEnd(place) && leaves.start(place) < start) {
            if (leaves.end(place) > end) {
                cutOut(place, start, end);
                place = leaves.seek(start);
            } else {
                leaves.setEnd(place, start);
                place = leaves.next(place);
            }
        }
        if (isExactly(place, start, end)) {
            leaves.setValue(place, value);
            leaves.setTag(place, tag);
            return true;
        }
        long behind = leaves.seek(end);
        if (!leaves.isEnd(behind) && leaves.start(behind) < end) {
            trimStart(behind, end);
        }
        if (place != behind) {
            leaves.remove(place, behind);
            place = leaves.seek(start);
        }
        leaves.insert(place, start, end, value, tag);
        return true;
    }

    /**
     * Removes, within a range, the parts of extents that carry a tag. Never refused, although a cut
     * in the middle of an extent leaves one more than before.
     */
    public void removeTagged(long start, long end, long tag) {
        checkRange(start, end);
        long place = leaves.seek(start);
        while (!leaves.isEnd(place) && leaves.start(place) < end) {
            if (leaves.tag(place) != tag) {
                place = leaves.next(place);
                continue;
            }
            long from = leaves.start(place);
            long to = leaves.end(place);
            if (from < start && to > end) {
                cutOut(place, start, end);
                return;
            }
            if (from < start) {
                leaves.setEnd(place, start);
                place = leaves.next(place);
            } else if (to > end) {
                trimStart(place, end);
                return;
            } else {
                leaves.remove(place, leaves.next(place));
                place = leaves.seek(to);
            }
        }
    }

    /**
     * Shows a range to a visitor: extents, clipped to the range, and the gaps between them, in
     * offset order.
     */
    public void forEach(long start, long end, ExtentVisitor visitor) {
        checkRange(start, end);
        long shown = start;
        for (long at = leaves.seek(start);
                !leaves.isEnd(at) && leaves.start(at) < end;
                at = leaves.next(at)) {
            long from = Math.max(leaves.start(at), start);
            long to = Math.min(leaves.end(at), end);
            if (shown < from) {
                visitor.gap(shown, from);
            }
            visitor.extent(from, to, valueAt(at, from), leaves.tag(at));
            shown = to;
        }
        if (shown < end) {
            visitor.gap(shown, end);
        }
    }

    /**
     * Cursor of the first extent, {@link #NONE} if the map is empty. Cursors are valid until the
     * map is changed.
     */
    public long first() {
        return size() == 0 ? NONE : ExtentLeaves.place(0, 0);
    }

    /** Cursor of the first extent that ends above an offset, or {@link #NONE}. */
    public long firstEndingAfter(long offset) {
        return orNone(leaves.seek(offset));
    }

    /** Cursor of the extent behind another one, or {@link #NONE}. */
    public long next(long cursor) {
        return orNone(leaves.next(cursor));
    }

    public long start(long cursor) {
        return leaves.start(cursor);
    }

    public long end(long cursor) {
        return leaves.end(cursor);
    }

    public long value(long cursor) {
        return leaves.value(cursor);
    }

    public long tag(long cursor) {
        return leaves.tag(cursor);
    }

    private long orNone(long place) {
        return leaves.isEnd(place) ? NONE : place;
    }

    private boolean isExactly(long place, long start, long end) {
        return !leaves.isEnd(place) && leaves.start(place) == start && leaves.end(place) == end;
    }

    private long valueAt(long place, long offset) {
        long value = leaves.value(place);
        return value < 0 ? value : value + (offset - leaves.start(place));
    }

    private void trimStart(long place, long start) {
        leaves.setValue(place, valueAt(place, start));
        leaves.setStart(place, start);
    }

    /** Leaves the parts of one extent before {@code start} and from {@code end} on. */
    private void cutOut(long place, long start, long end) {
        long rightEnd = leaves.end(place);
        long rightValue = valueAt(place, end);
        long tag = leaves.tag(place);
        leaves.setEnd(place, start);
        leaves.insert(leaves.next(place), end, rightEnd, rightValue, tag);
    }

    private static void checkRange(long start, long end) {
        if (start < 0 || start >= end) {
            throw new IllegalArgumentException("not a range: " + start + " to " + end);
        }
    }
}
