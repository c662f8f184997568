package io.tidemark.journal.apply;

import io.tidemark.journal.Worker;
import io.tidemark.journal.partition.Partition;
import java.util.List;
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
    private final Worker worker;
    private volatile boolean wanted;

    PartitionSyncer(String name, List<Partition> partitions, Runnable wakeup) {
        this.partitions = List.copyOf(partitions);
        this.worker = Worker.start("checkpoint-" + name, this::step, wakeup);
    }

    /** Data thread. */
    void sync() {
        if (wanted) {
            throw new IllegalStateException("a sync is under way");
        }
        wanted = true;
        worker.wake();
    }

    /** Whether the last sync is done. */
    boolean idle() {
        return !wanted;
    }

    @Nullable RuntimeException failure() {
        return worker.failure();
    }

    private boolean step() {
        if (!wanted) {
            return false;
        }
        partitions.forEach(Partition::sync);
        wanted = false;
        return true;
    }

    @Override
    public void close() {
        worker.close();
    }
}
