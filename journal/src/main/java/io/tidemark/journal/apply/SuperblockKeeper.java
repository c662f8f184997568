package io.tidemark.journal.apply;

import io.tidemark.journal.Worker;
import org.jspecify.annotations.Nullable;

/**
 * The thread that stores a resource's superblock. The data thread owns the content and hands over
 * the newest; stores that were not begun when a newer one comes are skipped. What depends on a
 * store waits until {@link #stored} reaches its number.
 */
public final class SuperblockKeeper implements AutoCloseable {
    private final SuperblockStore store;
    private final Worker worker;
    private volatile @Nullable Request newest;
    private volatile long stored;
    private long submitted;

    private record Request(long number, Superblock content) {}

    public SuperblockKeeper(String name, SuperblockStore store, Runnable wakeup) {
        this.store = store;
        this.worker = Worker.start("superblock-" + name, this::step, wakeup);
    }

    /**
     * Asks for a store. Data thread.
     *
     * @return its number
     */
    public long store(Superblock content) {
        newest = new Request(++submitted, content);
        worker.wake();
        return submitted;
    }

    /** Number of the last store that is on stable storage. */
    public long stored() {
        return stored;
    }

    public @Nullable RuntimeException failure() {
        return worker.failure();
    }

    private boolean step() {
        Request request = newest;
        if (request == null || request.number() == stored) {
            return false;
        }
        store.store(request.content());
        stored = request.number();
        return true;
    }

    /** Stores what was handed over last and ends. */
    @Override
    public void close() {
        worker.close();
    }
}
