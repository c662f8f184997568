package io.tidemark.journal.replication;

import io.tidemark.journal.aeron.Recording;
import io.tidemark.journal.apply.Applier;
import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.epoch.EpochHistory;
import java.util.function.LongConsumer;

/**
 * Gives up the end of this node's log and all that its partitions hold: what lies beyond a position
 * is kept as a branch and cut off, the partitions are zeroed and made anew from the rest of the log
 * as after any crash. The superblock says so before the first block changes, so whoever finds it
 * half done begins again.
 *
 * <p>Data thread only; a part of recovery, while nothing records or applies.
 */
final class Discard {
    private static final System.Logger LOG = System.getLogger(Discard.class.getName());

    private enum Step {
        STORED,
        KEPT,
        ZEROED,
        DONE
    }

    private final ResourceConfig config;
    private final Recording recording;
    private final Applier applier;
    private final Projection projection;
    private final Branches branches;
    private Step next = Step.STORED;
    private long wanted = Superblock.NOTHING;
    private EpochHistory epochs = EpochHistory.EMPTY;
    private long storeNumber;

    Discard(
            ResourceConfig config,
            Recording recording,
            Applier applier,
            Projection projection,
            Branches branches) {
        this.config = config;
        this.recording = recording;
        this.applier = applier;
        this.projection = projection;
        this.branches = branches;
    }

    /**
     * The next recovery discards what lies beyond a position.
     *
     * @param history of the whole log
     */
    void want(long to, EpochHistory history) {
        wanted = to;
        epochs = history;
    }

    /** Whether there is something to discard, once projection and syncer are at rest. */
    boolean due() {
        long to = wanted;
        if (to != Superblock.NOTHING) {
            wanted = Superblock.NOTHING;
            storeNumber = projection.storeTwice(sb -> sb.withDiscard(to, epochs));
        }
        boolean due = projection.superblock().discardTo() != Superblock.NOTHING;
        if (due && next == Step.STORED) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0}: this node gives up what lies beyond position {1} of its log, and makes its partitions anew from the rest",
                    config.replication().resource(),
                    Long.toString(projection.superblock().discardTo()));
        }
        return due;
    }

    /**
     * One step.
     *
     * @param cut cuts the log at a position
     * @return whether all is done
     */
    boolean doWork(LongConsumer cut) {
        if (!projection.stored(storeNumber) || !applier.idle()) {
            return false;
        }
        long to = projection.superblock().discardTo();
        switch (next) {
            case STORED -> {
                if (recording.exists() && recording.stopPosition() > to) {
                    branches.keepDiscarded(
                            projection.superblock().highestEpoch(), to, recording.stopPosition());
                }
                next = Step.KEPT;
            }
            case KEPT -> {
                // Before the partitions, which may take hours: nothing is copied twice then.
                if (recording.exists() && recording.stopPosition() > to) {
                    cut.accept(to);
                }
                applier.reset();
                next = Step.ZEROED;
            }
            case ZEROED -> {
                storeNumber = projection.storeTwice(Superblock::withoutDiscard);
                next = Step.DONE;
            }
            case DONE -> {
                next = Step.STORED;
                return true;
            }
        }
        return false;
    }
}
