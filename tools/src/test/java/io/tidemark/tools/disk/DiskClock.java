package io.tidemark.tools.disk;

import java.util.concurrent.atomic.AtomicLong;

/** The one sequence in which the events of a test are counted. Any thread. */
public final class DiskClock {
    private final AtomicLong last = new AtomicLong();

    /** Counts an event and returns its number, from 1 on. */
    public long tick() {
        return last.incrementAndGet();
    }

    /** Number of the last event. */
    public long now() {
        return last.get();
    }
}
