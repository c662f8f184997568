package io.tidemark.journal.replication;

import io.tidemark.journal.apply.Applier;
import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.apply.SuperblockKeeper;
import io.tidemark.journal.log.Trail;
import java.util.Objects;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Decides when the applier applies and when a checkpoint is taken, and keeps the superblock ahead
 * of both: the limit of a window is on stable storage before its first block is written (I3), a
 * checkpoint after the partition was synced.
 *
 * <p>Data thread only. Lazy by design: the longer committed entries gather, the more of them
 * overwrite each other.
 */
final class Projection {
    private enum Step {
        IDLE,
        STORING_LIMIT,
        APPLYING
    }

    private enum CheckpointStep {
        IDLE,
        SYNCING,
        STORING
    }

    private final ResourceConfig config;
    private final Applier applier;
    private final SuperblockKeeper keeper;
    private final long limitOfEarlierLife;
    private Superblock superblock;
    private Step step = Step.IDLE;
    private CheckpointStep checkpointStep = CheckpointStep.IDLE;
    private long limitStore;
    private long checkpointStore;
    private long target;

    /**
     * Committed position that was applied as far as whole requests went; on a replica it may lie
     * inside one.
     */
    private long attempted;

    private Trail syncedTrail = Trail.EMPTY;
    private long behindSinceNs = -1;
    private long checkpointNs;
    private boolean paused;

    Projection(
            ResourceConfig config,
            Applier applier,
            SuperblockKeeper keeper,
            Superblock superblock) {
        this.config = config;
        this.applier = applier;
        this.keeper = keeper;
        this.superblock = superblock;
        this.limitOfEarlierLife = superblock.applyLimit();
    }

    /**
     * One step.
     *
     * @param committed tide mark
     * @param durable of this node, remembered with the next store
     * @param urgent apply now, whatever has gathered
     * @param finish apply and checkpoint now
     * @param setFromLog whether this node is a replica, whose in-sync set comes from the log
     */
    int doWork(
            long nowNs,
            long committed,
            long durable,
            boolean urgent,
            boolean finish,
            boolean setFromLog) {
        int work = apply(nowNs, committed, durable, urgent || finish);
        boolean last = finish && step == Step.IDLE && allApplied(committed);
        return work + checkpoint(nowNs, last, setFromLog);
    }

    private int apply(long nowNs, long committed, long durable, boolean urgent) {
        Step before = step;
        switch (step) {
            case IDLE -> decide(nowNs, committed, durable, urgent);
            case STORING_LIMIT -> {
                if (stored(limitStore) && applier.idle()) {
                    applier.apply(target);
                    step = Step.APPLYING;
                }
            }
            case APPLYING -> {
                if (applier.idle()) {
                    step = Step.IDLE;
                    behindSinceNs = -1;
                    if (applier.damage() == null) {
                        attempted = target;
                    } else {
                        tookBack();
                    }
                }
            }
        }
        return step == before ? 0 : 1;
    }

    /**
     * Damage stopped a window before a byte of it was written: the partitions hold what is applied,
     * and what an earlier life of this node may have written, no more. Should nobody have what is
     * damaged, that decides whether the log may end there.
     */
    private void tookBack() {
        long held = Math.max(applied(), limitOfEarlierLife);
        if (held < superblock.applyLimit()) {
            store(sb -> sb.withApplyLimit(held));
        }
    }

    /**
     * Goes on while windows are applied, and begins whenever one is due: under a load that always
     * has the next window ready, waiting for a pause would mean never, and recovery would have to
     * read it all.
     */
    private int checkpoint(long nowNs, boolean last, boolean setFromLog) {
        CheckpointStep before = checkpointStep;
        switch (checkpointStep) {
            case IDLE -> {
                if (!paused) {
                    decideCheckpoint(nowNs, last);
                }
            }
            case SYNCING -> {
                if (applier.synced()) {
                    Trail trail = syncedTrail;
                    checkpointStore = store(sb -> checkpointed(sb, trail, setFromLog));
                    checkpointStep = CheckpointStep.STORING;
                }
            }
            case STORING -> {
                if (stored(checkpointStore)) {
                    checkpointStep = CheckpointStep.IDLE;
                }
            }
        }
        return checkpointStep == before ? 0 : 1;
    }

    private void decideCheckpoint(long nowNs, boolean last) {
        long unchecked = applied() - checkpoint();
        if (unchecked == 0) {
            checkpointNs = nowNs;
        } else if (last
                || unchecked >= config.checkpointBytes()
                || nowNs - checkpointNs >= config.checkpointIntervalNs()) {
            checkpointNs = nowNs;
            syncedTrail = applier.applied();
            applier.sync();
            checkpointStep = CheckpointStep.SYNCING;
        }
    }

    /**
     * The superblock with a checkpoint. A primary's in-sync set is stored by itself, when its entry
     * is durable and before it takes effect; a replica has it from the log.
     */
    private static Superblock checkpointed(Superblock sb, Trail trail, boolean setFromLog) {
        Superblock next =
                sb.withCheckpoint(
                                trail.position(),
                                trail.chain(),
                                Objects.requireNonNullElse(trail.heir(), Superblock.NIL))
                        .withEpochs(trail.epochs().epochs(), trail.epochs().lastNumber());
        // The entry that names it lies below the checkpoint now, where recovery does not look
        // again.
        UUID resource = trail.resource();
        if (resource != null) {
            next = next.withResource(resource);
        }
        return setFromLog ? next.withInSync(trail.inSync(), trail.inSyncPosition()) : next;
    }

    private void decide(long nowNs, long committed, long durable, boolean urgent) {
        if (paused || !applier.idle() || applier.damage() != null) {
            return;
        }
        long applied = applied();
        long behind = committed - Math.max(applied, attempted);
        if (behind <= 0) {
            behindSinceNs = -1;
        } else if (behindSinceNs < 0) {
            behindSinceNs = nowNs;
        }
        if (behind > 0
                && (urgent
                        || behind >= config.applyBytes()
                        || nowNs - behindSinceNs >= config.applyIntervalNs())) {
            target = committed;
            limitStore = store(sb -> sb.withDurable(durable, committed).withApplyLimit(target));
            step = Step.STORING_LIMIT;
        }
    }

    private boolean allApplied(long committed) {
        return committed <= Math.max(applied(), attempted);
    }

    /** Whether everything committed is applied and checkpointed. */
    boolean finished(long committed) {
        return quiet() && allApplied(committed) && checkpoint() == applied();
    }

    /** Changes the superblock and stores it; see {@link #stored}. */
    long store(UnaryOperator<Superblock> change) {
        superblock = change.apply(superblock);
        return keeper.store(superblock);
    }

    /** The same for positions that go down before the log is cut: in both slots. */
    long storeTwice(UnaryOperator<Superblock> change) {
        superblock = change.apply(superblock);
        return keeper.storeTwice(superblock);
    }

    boolean stored(long number) {
        return keeper.stored() >= number;
    }

    /** Nothing new is begun while the log is being recovered or cut. */
    void pause(boolean whether) {
        paused = whether;
        attempted = 0;
    }

    /** Whether nothing is under way, so that the applier may be given other work. */
    boolean quiet() {
        return step == Step.IDLE && checkpointStep == CheckpointStep.IDLE && applier.idle();
    }

    Superblock superblock() {
        return superblock;
    }

    long applied() {
        return applier.applied().position();
    }

    long checkpoint() {
        return superblock.checkpoint();
    }

    @Nullable RuntimeException failure() {
        RuntimeException applying = applier.failure();
        return applying != null ? applying : keeper.failure();
    }
}
