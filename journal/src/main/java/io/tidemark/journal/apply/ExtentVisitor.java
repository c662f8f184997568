package io.tidemark.journal.apply;

/**
 * Receives a range of an {@link ExtentMap} piece by piece, in offset order and without holes.
 * Callers keep one instance, so that a read allocates nothing. It must not change the map it is
 * shown.
 */
public interface ExtentVisitor {
    /**
     * A piece that the map knows.
     *
     * @param start first byte
     * @param end one past the last byte
     * @param value of {@code start}: an address if not negative, else a sentinel
     * @param tag what the extent was put with
     */
    void extent(long start, long end, long value, long tag);

    /** A piece that the map does not know: bytes {@code start} to {@code end}, exclusive. */
    void gap(long start, long end);
}
