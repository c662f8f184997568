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
        long position = from;
        while (position < limit && window.hasRemaining()) {
            position += files.read(position, limit, window);
        }
        loaded = from;
        cursor.wrap(from, window.position());
        second.wrap(from, window.position());
        return cursor;
    }

    /** Where the loaded bytes begin; for display. Any thread. */
    public long position() {
        return loaded;
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
