package io.tidemark.journal.apply;

import io.tidemark.journal.JournalException;
import io.tidemark.journal.partition.Partition;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The thread that syncs a resource's partitions for a checkpoint, which may take seconds. A thread
 * of its own, so that windows are applied meanwhile and clients' writes never wait for a
 * checkpoint.
 *
 * <p>The data thread asks for one sync at a time and looks at {@link #idle} until it is done. A
 * sync covers what was written before it was asked for. A failure ends the thread for good (I10).
 */
final class PartitionSyncer implements AutoCloseable {
    private final List<Partition> partitions;
    private final Runnable wakeup;
    private final Thread thread;
    private volatile boolean wanted;
    private volatile boolean closed;
    private volatile @Nullable RuntimeException failure;

    PartitionSyncer(String name, List<Partition> partitions, Runnable wakeup) {
        this.partitions = List.copyOf(partitions);
        this.wakeup = wakeup;
        this.thread = Thread.ofPlatform().name("checkpoint-" + name).daemon().start(this::run);
    }

    /** Data thread. */
    void sync() {
        if (wanted) {
            throw new IllegalStateException("a sync is under way");
        }
        wanted = true;
        LockSupport.unpark(thread);
    }

    /** Whether the last sync is done. */
    boolean idle() {
        return !wanted;
    }

    @Nullable RuntimeException failure() {
        return failure;
    }

    private void run() {
        while (!closed) {
            if (!wanted) {
                LockSupport.park(this);
                continue;
            }
            try {
                for (Partition partition : partitions) {
                    partition.sync();
                }
            } catch (RuntimeException e) {
                failure = e;
                wakeup.run();
                return;
            } catch (Error e) {
                failure =
                        new JournalException(
                                JournalException.Code.FAILED,
                                "syncing the partitions failed: " + e,
                                e);
                wakeup.run();
                throw e;
            }
            wanted = false;
            wakeup.run();
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JournalException(
                    JournalException.Code.FAILED, "interrupted while syncing a partition", e);
        }
    }
}
