package io.tidemark.journal.log;

import java.nio.ByteBuffer;

/**
 * Reads stretches of the recorded log into one reused direct buffer and walks their entries. One
 * per reading thread.
 */
public final class LogReader implements AutoCloseable {
    private final SegmentFiles files;
    private final ByteBuffer window;
    private final EntryCursor cursor;
    private final EntryCursor second;
    private volatile long loaded;
    private String missing = "";

    /**
     * @param windowBytes size of the buffer; its pages are touched only as far as windows reach
     */
    public LogReader(SegmentFiles files, int windowBytes) {
        this.files = files;
        this.window = ByteBuffer.allocateDirect(windowBytes);
        this.cursor = new EntryCursor(window);
        this.second = new EntryCursor(window);
    }

    /**
     * Loads the log from {@code from} up to {@code limit} or as much as the buffer takes, and puts
     * the cursor in front of it. {@code from} is the start of a frame.
     */
    public EntryCursor load(long from, long limit) {
        window.clear();
        missing = "";
        long position = from;
        while (position < limit && window.hasRemaining()) {
            position += files.read(position, limit, window);
        }
        return loaded(from);
    }

    /** The same, but bytes that are gone read as zeroes, which are no entry. */
    public EntryCursor loadOrZero(long from, long limit) {
        window.clear();
        missing = "";
        long position = from;
        while (position < limit && window.hasRemaining()) {
            int before = window.position();
            String gone = files.readOrZero(position, limit, window);
            missing = missing.isEmpty() ? gone : missing;
            position += window.position() - before;
        }
        return loaded(from);
    }

    private EntryCursor loaded(long from) {
        cursor.frames(files.frames());
        second.frames(files.frames());
        loaded = from;
        cursor.wrap(from, window.position());
        second.wrap(from, window.position());
        return cursor;
    }

    /** Where the loaded bytes begin; for display. Any thread. */
    public long position() {
        return loaded;
    }

    /**
     * What to throw if the log is not valid at {@code at} although it was durable up to {@code
     * durable}. Uses up the window.
     *
     * @param walk has read all up to {@code at}
     */
    public DamagedLogException damaged(long at, long durable, TrailReader walk, String problem) {
        String all = withCause(problem);
        EntryCursor next = new EntrySearch(this, at, durable).next();
        return new DamagedLogException(
                new Damage(
                        at,
                        next == null ? durable : next.position(),
                        next != null,
                        walk.trail(),
                        walk.committed(),
                        all));
    }

    /**
     * A problem of what was loaded last, and what of it is gone or cannot be read, if that is so.
     */
    String withCause(String problem) {
        return missing.isEmpty() ? problem : problem + ", " + missing;
    }

    /** The loaded bytes, index 0 at the position that was loaded from. */
    public ByteBuffer window() {
        return window;
    }

    /** Another cursor on the same bytes, to look at single entries again. */
    public EntryCursor secondCursor() {
        return second;
    }

    public int capacity() {
        return window.capacity();
    }

    @Override
    public void close() {
        files.close();
    }
}
