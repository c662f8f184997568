package io.tidemark.journal;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread for what would block the data thread. It does steps as long as there is something to do
 * and rests until it is woken; after every step it wakes the data thread, which looks at what the
 * step has published in volatile fields. The first failure ends it for good: nothing is tried again
 * over a failed write or sync (I10).
 */
public final class Worker implements AutoCloseable {
    private final BooleanSupplier step;
    private final Runnable wakeup;
    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable RuntimeException failure;

    private Worker(String name, BooleanSupplier step, Runnable wakeup) {
        this.step = step;
        this.wakeup = wakeup;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    /**
     * Starts one; to be called when all that the step uses is there.
     *
     * @param step does one piece of work and returns true, or false if there is none. On the
     *     worker's thread
     * @param wakeup wakes the data thread
     */
    public static Worker start(String name, BooleanSupplier step, Runnable wakeup) {
        Worker worker = new Worker(name, step, wakeup);
        worker.thread.start();
        return worker;
    }

    /** There may be something to do. Any thread. */
    public void wake() {
        LockSupport.unpark(thread);
    }

    /** Whether it is to end: a step that takes long looks at it. Any thread. */
    public boolean closed() {
        return closed;
    }

    /** Why it has ended by itself, null if it has not. Any thread. */
    public @Nullable RuntimeException failure() {
        return failure;
    }

    private void run() {
        try {
            while (true) {
                if (step.getAsBoolean()) {
                    wakeup.run();
                } else if (closed) {
                    return;
                } else {
                    LockSupport.park(this);
                }
            }
        } catch (RuntimeException e) {
            end(e);
        } catch (Error e) {
            String what = thread.getName() + " failed: " + e;
            end(new JournalException(JournalException.Code.FAILED, what, e));
            throw e;
        }
    }

    private void end(RuntimeException cause) {
        failure = cause;
        wakeup.run();
    }

    /** Returns when the step that is under way, and what it says is left to do, are done. */
    @Override
    public void close() {
        closed = true;
        wake();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JournalException(
                    JournalException.Code.FAILED, "interrupted while " + thread.getName(), e);
        }
    }
}
