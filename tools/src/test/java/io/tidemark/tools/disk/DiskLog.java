package io.tidemark.tools.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/**
 * What one disk was told so far. Any thread; whoever adds holds what orders its effect among those
 * of the same file or name.
 */
final class DiskLog {
    private final DiskClock clock;
    private final List<DiskOp> ops = new ArrayList<>();
    private volatile boolean on = true;

    DiskLog(DiskClock clock) {
        this.clock = clock;
    }

    /** Whether to make an operation at all: their bytes are copies. */
    boolean isOn() {
        return on;
    }

    void off() {
        on = false;
    }

    /** Counts the arrival of a sync. */
    long arrival() {
        return clock.tick();
    }

    synchronized void add(LongFunction<DiskOp> op) {
        if (on) {
            ops.add(op.apply(clock.tick()));
        }
    }

    synchronized List<DiskOp> copy() {
        return List.copyOf(ops);
    }
}
