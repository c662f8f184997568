package io.tidemark.journal.log;

import io.tidemark.journal.Worker;
import java.nio.ByteBuffer;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;

/**
 * Reads and checks stretches of this node's log for a peer whose own are damaged. One at a time, on
 * a thread that exists from the first request on, since it may block on the disk.
 *
 * <p>Data thread, but for what its own thread does between {@link #read} and {@link #idle}.
 */
public final class RangeReader implements AutoCloseable {
    private final String name;
    private final LogFiles files;
    private final Runnable wakeup;
    private @Nullable Worker worker;
    private @Nullable LogReader reader;
    private volatile boolean busy;
    private long from;
    private long to;
    private int length;
    private String problem = "";

    public RangeReader(String name, LogFiles files, Runnable wakeup) {
        this.name = name;
        this.files = files;
        this.wakeup = wakeup;
    }

    /** Whether the last stretch is there, and the next may be asked for. */
    public boolean idle() {
        return !busy;
    }

    /**
     * Begins to read whole frames.
     *
     * @param start of a frame
     * @param end recorded up to here; at most {@link RangePatch#MAX_PIECE} bytes are read
     */
    public void read(long start, long end) {
        from = start;
        to = Math.min(end, start + RangePatch.MAX_PIECE);
        busy = true;
        Worker running = worker;
        if (running == null) {
            reader = new LogReader(new SegmentFiles(files), RangePatch.MAX_PIECE);
            worker = Worker.start("range-" + name, this::step, wakeup);
        } else {
            running.wake();
        }
    }

    /** What was read, from index 0 on; valid frames only. */
    public ByteBuffer bytes() {
        LogReader used = reader;
        if (used == null) {
            throw new IllegalStateException("nothing was read");
        }
        return used.window();
    }

    /** Bytes read, 0 if there was not one valid frame. */
    public int length() {
        return length;
    }

    /** Why there was not one. */
    public String problem() {
        return problem;
    }

    private boolean step() {
        LogReader own = reader;
        if (!busy || own == null) {
            return false;
        }
        try {
            perform(own);
        } catch (RuntimeException e) {
            length = 0;
            problem = String.valueOf(e.getMessage());
        }
        busy = false;
        return true;
    }

    private void perform(LogReader own) {
        EntryCursor cursor = own.loadOrZero(from, to);
        long end = from;
        EntryCursor.Step step = cursor.next();
        while (step == EntryCursor.Step.ENTRY) {
            end = cursor.endPosition();
            step = cursor.next();
        }
        if (step == EntryCursor.Step.END && cursor.endPosition() <= to) {
            end = cursor.endPosition();
        }
        length = (int) (end - from);
        problem = step == EntryCursor.Step.INVALID ? cursor.problem() : "half a frame";
    }

    @Override
    public void close() {
        CloseHelper.closeAll(worker, reader);
    }
}
