package io.tidemark.journal.apply;

import io.tidemark.journal.JournalException;
import io.tidemark.journal.Worker;
import io.tidemark.journal.log.Damage;
import io.tidemark.journal.log.DamagedLogException;
import io.tidemark.journal.log.LogFiles;
import io.tidemark.journal.log.LogReader;
import io.tidemark.journal.log.LogScan;
import io.tidemark.journal.log.RangePatch;
import io.tidemark.journal.log.SegmentFiles;
import io.tidemark.journal.log.Trail;
import io.tidemark.journal.partition.Partition;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The thread that reads the log for a resource: it scans it at recovery, applies windows of it to
 * the partitions, and copies a branch away before the log is cut. Beside it the partitions are
 * synced for a checkpoint, by a thread of their own.
 *
 * <p>The data thread hands it one job at a time and looks at {@link #idle} until it is done;
 * results are published by the volatile write that ends the job. A failure stops it for good (I10).
 */
public final class Applier implements AutoCloseable {
    private enum Job {
        NONE,
        SCAN,
        APPLY,
        KEEP_BRANCH,
        MEND,
        RESET
    }

    private final LogReader reader;
    private final WindowApplier window;
    private final PartitionSyncer syncer;
    private final Runnable wakeup;
    private final Worker worker;
    private volatile Job job = Job.NONE;
    private volatile Trail applied;

    private long limit;
    private long knownDurable;
    private @Nullable UUID node;
    private long keepFrom;
    private boolean keepDamaged;
    private @Nullable Path branchFile;
    private @Nullable LogScan scan;
    private Trail scanFrom = Trail.EMPTY;
    private long scanCommitted;
    private boolean scanning;
    private @Nullable RangePatch patch;
    private volatile @Nullable Damage damage;

    /**
     * @param applied trail of the checkpoint, where applying begins
     * @param windowBytes bytes of log per window, more than the largest request takes
     */
    public Applier(
            String name,
            LogFiles files,
            List<VolumePartition> volumes,
            Trail applied,
            int windowBytes,
            Runnable wakeup) {
        this.applied = applied;
        this.reader = new LogReader(new SegmentFiles(files), windowBytes);
        this.window = new WindowApplier(reader, volumes);
        List<Partition> partitions = volumes.stream().map(VolumePartition::partition).toList();
        this.syncer = new PartitionSyncer(name, partitions, wakeup);
        this.wakeup = wakeup;
        this.worker = Worker.start("apply-" + name, this::step, wakeup);
    }

    /** Whether the next job may be given. Data thread. */
    public boolean idle() {
        return job == Job.NONE;
    }

    /** The trail at the applied position. Any thread. */
    public Trail applied() {
        return applied;
    }

    public @Nullable RuntimeException failure() {
        RuntimeException own = worker.failure();
        return own != null ? own : syncer.failure();
    }

    /** How far the log was read, by whatever was last asked for: for display. Any thread. */
    public long read() {
        return reader.position();
    }

    /** Reads the log from applied to the recording's end; the result is {@link #scanned}. */
    public void scan(long recordingEnd, long durable, UUID self) {
        node = self;
        limit = recordingEnd;
        knownDurable = durable;
        damage = null;
        scanFrom = applied;
        scanCommitted = 0;
        start(Job.SCAN);
    }

    /**
     * What the last scan or application stopped at, or null. Nothing is applied until it is {@link
     * #mended}. Data thread.
     */
    public @Nullable Damage damage() {
        return damage;
    }

    /** Checks and writes a piece of the damaged log. */
    public void mend(RangePatch with) {
        patch = with;
        start(Job.MEND);
    }

    /** The damage is gone: a scan that stopped there goes on. */
    public void mended() {
        Damage gone = damage;
        damage = null;
        if (scanning && gone != null) {
            scanFrom = gone.before();
            scanCommitted = gone.committed();
            start(Job.SCAN);
        }
    }

    /** The log was cut: what lay there counts no more, and is found again if it does. */
    public void forgetDamage() {
        damage = null;
    }

    /** Result of the last scan; valid when idle again. */
    public LogScan scanned() {
        if (scan == null) {
            throw new IllegalStateException("no scan");
        }
        return scan;
    }

    /** Applies all whole requests up to a committed position. */
    public void apply(long committed) {
        limit = committed;
        start(Job.APPLY);
    }

    /**
     * Begins to sync the partitions, also while a window is applied; what was applied before may be
     * called checkpointed once {@link #synced}. Data thread.
     */
    public void sync() {
        syncer.sync();
    }

    /** Whether the partitions are not being synced. Data thread. */
    public boolean synced() {
        return syncer.idle();
    }

    /**
     * The log is to end before the damage that a scan stopped at, which is then what was {@link
     * #scanned}.
     */
    public void giveUp() {
        Damage given = Objects.requireNonNull(damage);
        scan =
                new LogScan(
                        given.before(),
                        given.committed(),
                        given.before().position(),
                        "given up from " + given);
        damage = null;
    }

    /** Copies the log between two positions into a file of its own and syncs it (I13). */
    public void keepBranch(long from, long to, Path file) {
        keep(from, to, false, file);
    }

    /** The same for a stretch that is not valid, and of which bytes may be gone. */
    public void keepDamaged(long from, long to, Path file) {
        keep(from, to, true, file);
    }

    private void keep(long from, long to, boolean damaged, Path file) {
        keepFrom = from;
        keepDamaged = damaged;
        limit = to;
        branchFile = file;
        start(Job.KEEP_BRANCH);
    }

    /**
     * Makes the partitions what they were before the log began: zeroes, durably. What is {@link
     * #applied} begins anew.
     */
    public void reset() {
        start(Job.RESET);
    }

    private void start(Job next) {
        if (job != Job.NONE) {
            throw new IllegalStateException("the applier is busy with " + job);
        }
        job = next;
        worker.wake();
    }

    private boolean step() {
        Job current = job;
        if (current == Job.NONE || worker.closed()) {
            return false;
        }
        try {
            perform(current);
        } catch (DamagedLogException e) {
            scanning = current == Job.SCAN;
            damage = e.damage();
        }
        job = Job.NONE;
        return true;
    }

    private void perform(Job current) {
        switch (current) {
            case SCAN ->
                    scan =
                            LogScan.run(
                                    reader,
                                    scanFrom,
                                    limit,
                                    knownDurable,
                                    Objects.requireNonNull(node),
                                    scanCommitted);
            case APPLY -> {
                long end = limit;
                while (!worker.closed() && applied.position() < end) {
                    Trail next = window.apply(applied, end);
                    if (next.position() == applied.position()) {
                        if (end - applied.position() > reader.capacity()) {
                            throw new JournalException(
                                    JournalException.Code.FAILED,
                                    "the request at position "
                                            + applied.position()
                                            + " is larger than a window of "
                                            + reader.capacity()
                                            + " bytes");
                        }
                        break;
                    }
                    applied = next;
                    wakeup.run();
                }
            }
            case KEEP_BRANCH -> {
                Path file = branchFile;
                if (file != null) {
                    BranchFile.write(reader, keepFrom, limit, keepDamaged, file);
                }
            }
            case MEND -> Objects.requireNonNull(patch).take(reader);
            case RESET -> {
                if (window.zeroAll(worker::closed)) {
                    applied = Trail.EMPTY;
                }
            }
            case NONE -> {}
        }
    }

    @Override
    public void close() {
        worker.close();
        reader.close();
        syncer.close();
    }
}
