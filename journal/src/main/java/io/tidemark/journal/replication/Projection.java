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
        APPLYING,
        SYNCING,
        STORING_CHECKPOINT
    }

    private final ResourceConfig config;
    private final Applier applier;
    private final SuperblockKeeper keeper;
    private Superblock superblock;
    private Step step = Step.IDLE;
    private long storeNumber;
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
        Step before = step;
        switch (step) {
            case IDLE -> decide(nowNs, committed, durable, urgent || finish, finish);
            case STORING_LIMIT -> {
                if (stored(storeNumber) && applier.idle()) {
                    applier.apply(target);
                    step = Step.APPLYING;
                }
            }
            case APPLYING -> {
                if (applier.idle()) {
                    step = Step.IDLE;
                    attempted = target;
                    behindSinceNs = -1;
                }
            }
            case SYNCING -> {
                if (applier.idle()) {
                    Trail trail = syncedTrail;
                    storeNumber = store(sb -> checkpointed(sb, trail, setFromLog));
                    step = Step.STORING_CHECKPOINT;
                }
            }
            case STORING_CHECKPOINT -> {
                if (stored(storeNumber)) {
                    step = Step.IDLE;
                }
            }
        }
        return step == before ? 0 : 1;
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

    private void decide(long nowNs, long committed, long durable, boolean urgent, boolean finish) {
        if (paused || !applier.idle()) {
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
            storeNumber = store(sb -> sb.withDurable(durable, committed).withApplyLimit(target));
            step = Step.STORING_LIMIT;
            return;
        }
        long unchecked = applied - checkpoint();
        if (unchecked == 0) {
            checkpointNs = nowNs;
        } else if (finish
                || unchecked >= config.checkpointBytes()
                || nowNs - checkpointNs >= config.checkpointIntervalNs()) {
            checkpointNs = nowNs;
            syncedTrail = applier.applied();
            applier.checkpoint();
            step = Step.SYNCING;
        }
    }

    /** Whether everything committed is applied and checkpointed. */
    boolean finished(long committed) {
        return quiet() && committed <= Math.max(applied(), attempted) && checkpoint() == applied();
    }

    /** Changes the superblock and stores it; see {@link #stored}. */
    long store(UnaryOperator<Superblock> change) {
        superblock = change.apply(superblock);
        return keeper.store(superblock);
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
        return step == Step.IDLE && applier.idle();
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
