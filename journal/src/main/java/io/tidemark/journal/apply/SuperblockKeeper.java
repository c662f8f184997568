package io.tidemark.journal.apply;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The thread that stores a resource's superblock. The data thread owns the content and hands over
 * the newest; stores that were not begun when a newer one comes are skipped. What depends on a
 * store waits until {@link #stored} reaches its number.
 */
public final class SuperblockKeeper implements AutoCloseable {
    private final SuperblockStore store;
    private final Runnable wakeup;
    private final Thread thread;
    private volatile @Nullable Request newest;
    private volatile long stored;
    private volatile @Nullable RuntimeException failure;
    private volatile boolean closed;
    private long submitted;

    private record Request(long number, Superblock content) {}

    public SuperblockKeeper(String name, SuperblockStore store, Runnable wakeup) {
        this.store = store;
        this.wakeup = wakeup;
        this.thread = Thread.ofPlatform().name("superblock-" + name).daemon().start(this::run);
    }

    /**
     * Asks for a store. Data thread.
     *
     * @return its number
     */
    public long store(Superblock content) {
        newest = new Request(++submitted, content);
        LockSupport.unpark(thread);
        return submitted;
    }

    /** Number of the last store that is on stable storage. */
    public long stored() {
        return stored;
    }

    public @Nullable RuntimeException failure() {
        return failure;
    }

    private void run() {
        while (true) {
            Request request = newest;
            if (request == null || request.number() == stored) {
                if (closed) {
                    return;
                }
                LockSupport.park(this);
                continue;
            }
            try {
                store.store(request.content());
            } catch (RuntimeException e) {
                failure = e;
                wakeup.run();
                return;
            } catch (Error e) {
                failure = new IllegalStateException("storing the superblock failed: " + e, e);
                wakeup.run();
                throw e;
            }
            stored = request.number();
            wakeup.run();
        }
    }

    /** Stores what was handed over last and ends. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
