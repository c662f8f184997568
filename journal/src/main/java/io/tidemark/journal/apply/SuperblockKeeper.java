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

    private record Request(long number, Superblock content, boolean twice) {}

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
        return store(content, false);
    }

    /**
     * The same, but done only when both slots say so: for positions that go down before the log is
     * cut. Otherwise a slot that cannot be read after a power cut would bring back the higher ones,
     * and what was cut would count as damaged. Data thread.
     */
    public long storeTwice(Superblock content) {
        return store(content, true);
    }

    private long store(Superblock content, boolean twice) {
        Request before = newest;
        boolean owed = before != null && before.twice() && before.number() > stored;
        newest = new Request(++submitted, content, twice || owed);
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
        if (request.twice()) {
            store.store(request.content());
        }
        stored = request.number();
        return true;
    }

    /** Stores what was handed over last and ends. */
    @Override
    public void close() {
        worker.close();
    }
}
