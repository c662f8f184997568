package io.tidemark.journal.replication;

import io.aeron.ExclusivePublication;
import io.tidemark.journal.JournalException;
import io.tidemark.journal.aeron.Recording;
import io.tidemark.journal.apply.Applier;
import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import io.tidemark.journal.log.ControlEntries;
import io.tidemark.journal.log.Damage;
import io.tidemark.journal.log.FrameRule;
import io.tidemark.journal.log.JournalSyncer;
import io.tidemark.journal.log.LogAppender;
import io.tidemark.journal.log.LogFiles;
import io.tidemark.journal.log.LogScan;
import io.tidemark.journal.log.Trail;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.agrona.concurrent.EpochNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * What happens to the recording of a resource as a whole: it is recovered, cut and made to follow a
 * peer, or opened for appending. Each is a task of a few steps, because some of them wait for
 * another thread; one task at a time.
 *
 * <p>Data thread only.
 */
final class LogControl {
    private static final System.Logger LOG = System.getLogger(LogControl.class.getName());

    /** Receives what a task ends with. */
    interface Outcome {
        void recovered(Standing standing);

        void opened(Actions.Started started);

        /** Nothing was cut: the partition may hold more than the common part. */
        void followRefused();

        /** Whether the journal has space for an epoch. */
        boolean mayOpen();

        /** Whether the journal has space for what a peer has. */
        boolean mayFollow();
    }

    private enum Step {
        NONE,
        RECOVER_STOP,
        RECOVER_QUIESCE,
        RECOVER_DISCARD,
        RECOVER_SCAN,
        RECOVER_GIVE_UP,
        RECOVER_STORE,
        FOLLOW_QUIESCE,
        FOLLOW_KEEP_BRANCH,
        FOLLOW_STORE,
        OPEN_STORE
    }

    private final ResourceConfig config;
    private final Recording recording;
    private final LogFiles files;
    private final JournalSyncer syncer;
    private final Applier applier;
    private final Projection projection;
    private final EpochNanoClock clock;
    private final Branches branches;
    private final Discard discard;
    private final Outcome outcome;
    private Step step = Step.NONE;
    private Trail end = Trail.EMPTY;
    private long storeNumber;
    private long common;

    /** End of what was given up since this node last followed or reigned. */
    private long givenUpTo;

    private long peerRecordingId;
    private String peerChannel = "";
    private boolean becomesReplica;
    private long followEpoch;
    private @Nullable EpochHistory followEpochs;
    private Actions.@Nullable EpochPlan plan;
    private @Nullable EpochIdentity epoch;
    private @Nullable ExclusivePublication publication;
    private @Nullable LogAppender appender;
    private @Nullable ControlEntries entries;

    LogControl(
            ResourceConfig config,
            Recording recording,
            LogFiles files,
            JournalSyncer syncer,
            Applier applier,
            Projection projection,
            EpochNanoClock clock,
            Outcome outcome) {
        this.config = config;
        this.recording = recording;
        this.files = files;
        this.syncer = syncer;
        this.applier = applier;
        this.projection = projection;
        this.clock = clock;
        this.branches = new Branches(config, applier, clock);
        this.discard = new Discard(config, recording, applier, projection, branches);
        this.outcome = outcome;
        recordingKnown();
        syncer.restart(projection.checkpoint());
    }

    /**
     * Ends whatever records and finds the log's last whole request. Nothing is appended from now
     * on; the rest is done in the duty cycle, because stopping blocks and this may be called while
     * messages are read.
     */
    void recover() {
        projection.pause(true);
        appender = null;
        entries = null;
        step = Step.RECOVER_STOP;
    }

    Discard discard() {
        return discard;
    }

    /** Cuts the log at the common position if it goes on beyond, then records the peer's. */
    void follow(
            long fromRecordingId,
            String fromChannel,
            long commonPosition,
            boolean asReplica,
            long epochNumber,
            @Nullable EpochHistory epochs) {
        projection.pause(true);
        peerRecordingId = fromRecordingId;
        peerChannel = fromChannel;
        common = commonPosition;
        becomesReplica = asReplica;
        followEpoch = epochNumber;
        followEpochs = epochs;
        step = Step.FOLLOW_QUIESCE;
    }

    /** Opens the log for appending and appends the epoch's start. */
    void open(Actions.EpochPlan epochPlan) {
        EpochIdentity identity =
                new EpochIdentity(
                        epochPlan.number(),
                        end.position(),
                        end.chain(),
                        config.replication().nodeId(),
                        UUID.randomUUID());
        plan = epochPlan;
        epoch = identity;
        UUID random = UUID.randomUUID();
        UUID remembered = projection.superblock().resource();
        UUID known = end.resource() != null ? end.resource() : remembered;
        storeNumber =
                projection.store(
                        sb ->
                                sb.withRole(Superblock.Role.PRIMARY)
                                        .withResource(known != null ? known : random)
                                        .withEpochs(sb.epochs(), epochPlan.number())
                                        .withHistory(end.epochs().with(identity)));
        step = Step.OPEN_STORE;
    }

    int doWork() {
        Step before = step;
        switch (step) {
            case NONE -> {}
            case RECOVER_STOP -> {
                stopRecording();
                step = Step.RECOVER_QUIESCE;
            }
            case RECOVER_QUIESCE -> recoverQuiesce();
            case RECOVER_DISCARD -> {
                if (discard.doWork(this::cut)) {
                    step = Step.RECOVER_QUIESCE;
                }
            }
            case RECOVER_SCAN -> recoverScan();
            case RECOVER_GIVE_UP -> recoverGiveUp();
            case RECOVER_STORE -> recoverStore();
            case FOLLOW_QUIESCE -> followQuiesce();
            case FOLLOW_KEEP_BRANCH -> followKeepBranch();
            case FOLLOW_STORE -> followStore();
            case OPEN_STORE -> openStore();
        }
        return step == before ? 0 : 1;
    }

    private void recoverQuiesce() {
        if (recording.exists()) {
            syncer.request(recording.stopPosition());
        }
        if (!projection.quiet() || syncer.busy()) {
            return;
        }
        if (discard.due()) {
            step = Step.RECOVER_DISCARD;
        } else if (recording.exists()) {
            Superblock sb = projection.superblock();
            applier.scan(
                    recording.stopPosition(),
                    Math.max(sb.durable(), sb.applyLimit()),
                    config.replication().nodeId());
            step = Step.RECOVER_SCAN;
        } else {
            recovered(new LogScan(applier.applied(), 0, applier.applied().position(), ""));
        }
    }

    private void recoverScan() {
        if (!applier.idle() || applier.damage() != null) {
            return;
        }
        LogScan scan = applier.scanned();
        Superblock sb = projection.superblock();
        if (scan.validEnd() < Math.max(sb.applyLimit(), sb.durable())) {
            throw DamagedEnd.refused(config.replication().resource(), scan, sb);
        }
        long whole = scan.trail().position();
        if (whole < sb.durable()) {
            // What is cut is an unfinished request, of which nothing was applied. The remembered
            // positions go down before the log does, or later entries in its place could pass for
            // damaged ones.
            storeNumber =
                    projection.storeTwice(
                            s ->
                                    s.withApplyLimit(Math.min(s.applyLimit(), whole))
                                            .withDurable(whole, Math.min(s.committed(), whole)));
        } else {
            storeNumber = 0;
        }
        step = Step.RECOVER_STORE;
    }

    /** The end of the log that recovery stopped before, null if it did not. */
    @Nullable DamagedEnd damagedEnd() {
        Damage damage = step == Step.RECOVER_SCAN && applier.idle() ? applier.damage() : null;
        return damage == null
                ? null
                : new DamagedEnd(damage, recording.stopPosition(), projection.superblock());
    }

    /** Goes on as if the log had ended before the damage; what lies beyond is kept first. */
    void giveUp(DamagedEnd given, String why) {
        givenUpTo = given.end();
        branches.keepDamaged(
                given.damage().before().epochs().lastNumber(), given.from(), given.end(), why);
        step = Step.RECOVER_GIVE_UP;
    }

    private void recoverGiveUp() {
        if (applier.idle()) {
            applier.giveUp();
            long whole = applier.scanned().trail().position();
            storeNumber =
                    projection.storeTwice(
                            s -> s.withDurable(whole, Math.min(s.committed(), whole)));
            step = Step.RECOVER_STORE;
        }
    }

    private void recoverStore() {
        if (!projection.stored(storeNumber)) {
            return;
        }
        LogScan scan = applier.scanned();
        long whole = scan.trail().position();
        if (whole < recording.stopPosition()) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "{0}: the log is cut from position {1} to {2}: {3}",
                    config.replication().resource(),
                    Long.toString(recording.stopPosition()),
                    Long.toString(whole),
                    scan.torn());
            cut(whole);
        } else if (recording.exists()) {
            files.endAt(whole);
        }
        recovered(scan);
    }

    private void recovered(LogScan scan) {
        step = Step.NONE;
        end = scan.trail();
        projection.pause(false);
        EpochHistory epochs = end.epochs();
        if (!epochs.equals(projection.superblock().history())) {
            projection.store(s -> s.withHistory(epochs));
        }
        UUID resource = end.resource();
        if (resource != null && !resource.equals(projection.superblock().resource())) {
            projection.store(s -> s.withResource(resource));
        }
        Superblock sb = projection.superblock();
        long committed = Math.min(end.position(), Math.max(sb.committed(), scan.committed()));
        // A member that the log has dropped counts until the superblock has dropped it too: replies
        // waited for it until then.
        Set<UUID> inSync = new LinkedHashSet<>(end.inSync());
        inSync.addAll(sb.inSync());
        outcome.recovered(
                new Standing(
                        end.position(),
                        sb.applyLimit(),
                        committed,
                        Math.max(sb.highestEpoch(), end.epochs().lastNumber()),
                        end.epochs(),
                        List.copyOf(inSync),
                        end.heir()));
    }

    private void followQuiesce() {
        if (!projection.quiet() || syncer.busy()) {
            return;
        }
        if (projection.superblock().applyLimit() > common) {
            step = Step.NONE;
            projection.pause(false);
            outcome.followRefused();
            return;
        }
        if (recording.exists() && common < recording.stopPosition()) {
            if (end.position() > common) {
                branches.keep(end.epochs().lastNumber(), common, end.position());
            }
            step = Step.FOLLOW_KEEP_BRANCH;
        } else {
            storeFollow();
        }
    }

    private void followKeepBranch() {
        if (applier.idle()) {
            storeFollow();
        }
    }

    private void storeFollow() {
        long cutAt = common;
        boolean replica = becomesReplica;
        // What comes is of these epochs; should its end be damaged one day, nothing else will say
        // so.
        EpochHistory history =
                followEpochs == null
                        ? EpochHistory.EMPTY
                        : end.epochs().upTo(cutAt).and(followEpochs.epochs());
        storeNumber =
                projection.storeTwice(
                        sb -> {
                            Superblock next =
                                    sb.withDurable(
                                                    Math.min(sb.durable(), cutAt),
                                                    Math.min(sb.committed(), cutAt))
                                            .withEpochs(sb.epochs(), followEpoch)
                                            .withHistory(history);
                            return replica ? next.withRole(Superblock.Role.REPLICA) : next;
                        });
        step = Step.FOLLOW_STORE;
    }

    private void followStore() {
        if (projection.stored(storeNumber) && outcome.mayFollow()) {
            if (recording.exists() && common < recording.stopPosition()) {
                cut(common);
            }
            recording.follow(peerRecordingId, peerChannel);
            givenUpTo = 0;
            projection.pause(false);
            step = Step.NONE;
        }
    }

    private void openStore() {
        Actions.EpochPlan opening = plan;
        EpochIdentity identity = epoch;
        if (!projection.stored(storeNumber)
                || opening == null
                || identity == null
                || !outcome.mayOpen()) {
            return;
        }
        step = Step.NONE;
        ExclusivePublication log = recording.append(config.mtu());
        recordingKnown();
        LogAppender newAppender = new LogAppender(log, end.chain(), clock);
        ControlEntries newEntries = new ControlEntries(newAppender);
        publication = log;
        appender = newAppender;
        entries = newEntries;
        if (newAppender.appended() != end.position()) {
            throw new AssertionError(
                    "log opened at " + newAppender.appended() + ", ends at " + end.position());
        }
        UUID resource = Objects.requireNonNull(projection.superblock().resource(), "stored before");
        long endPosition =
                newEntries.epochStart(
                        identity,
                        resource,
                        opening.forced(),
                        opening.givenUpFrom(),
                        Math.max(opening.givenUpTo(), givenUpTo),
                        opening.inSync(),
                        projection.superblock().committed());
        if (endPosition == LogAppender.BACK_PRESSURED) {
            throw new JournalException(
                    JournalException.Code.AERON,
                    "a fresh log takes no entry at position " + newAppender.appended());
        }
        givenUpTo = 0;
        outcome.opened(new Actions.Started(identity, endPosition));
    }

    private void cut(long position) {
        applier.forgetDamage();
        recording.truncate(position);
        files.cut();
        files.endAt(position);
        syncer.restart(position);
    }

    /**
     * Stops appending or following at once.
     *
     * @throws JournalException if the journal could not take the last blocks (I10)
     */
    void stopRecording() {
        appender = null;
        entries = null;
        ExclusivePublication log = publication;
        publication = null;
        if (log != null) {
            log.close();
        }
        if (recording.exists() || recording.following()) {
            String failure = recording.stop();
            if (failure != null) {
                recordingKnown();
                throw new JournalException(
                        JournalException.Code.FAILED,
                        "the archive could not record what came last before position "
                                + recording.recorded()
                                + ": "
                                + failure
                                + ". Check the disk of the journal, then restart the node; the peers have the log");
            }
        }
        recordingKnown();
    }

    /** Whether no task is under way. */
    boolean quiet() {
        return step == Step.NONE;
    }

    /** Gives up a task that only waits for space, before anything was done to the recording. */
    void giveUpWaiting() {
        if ((step == Step.FOLLOW_STORE || step == Step.OPEN_STORE)
                && projection.stored(storeNumber)) {
            step = Step.NONE;
            projection.pause(false);
        }
    }

    /** The recording may just have become known. */
    void recordingKnown() {
        FrameRule frames = recording.frames();
        if (frames != null) {
            files.recording(recording.recordingId(), recording.segmentLength(), frames);
        }
    }

    /** Whether the applier may mend the log now: nothing else is done to its recording. */
    boolean mayMend() {
        return step == Step.NONE || step == Step.RECOVER_SCAN;
    }

    Recording recording() {
        return recording;
    }

    @Nullable LogAppender appender() {
        return appender;
    }

    @Nullable ControlEntries entries() {
        return entries;
    }
}
