package io.tidemark.journal.replication;

import io.tidemark.journal.JournalException;
import io.tidemark.journal.aeron.AeronSettings;
import io.tidemark.journal.aeron.AeronStack;
import io.tidemark.journal.aeron.Recording;
import io.tidemark.journal.apply.Applier;
import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.apply.SuperblockKeeper;
import io.tidemark.journal.log.ControlEntries;
import io.tidemark.journal.log.JournalSyncer;
import io.tidemark.journal.log.LogAppender;
import io.tidemark.journal.log.LogFiles;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.concurrent.EpochNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * One resource on one node: drives {@link ReplicationState} with positions, messages and time, and
 * does what it asks for. Part of the node's duty cycle; owns the resource's syncer, applier and
 * superblock threads and talks to them by positions.
 *
 * <p>Data thread only.
 */
public final class ResourceAgent
        implements Actions, ResourceMessages, LogControl.Outcome, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ResourceAgent.class.getName());
    private static final long SEAL_BYTES = 16L * 1024 * 1024;
    private static final long TOLD_INTERVAL_NS = 200_000_000L;
    private static final long COMMIT_INTERVAL_NS = 5_000_000L;
    private static final long STUCK_NS = 5_000_000_000L;

    private final ResourceConfig config;
    private final List<PeerAddress> peers;
    private final PeerLinks links;
    private final ResourceListener listener;
    private final ReplicationState state;
    private final JournalSyncer syncer;
    private final Applier applier;
    private final SuperblockKeeper keeper;
    private final Projection projection;
    private final LogControl log;
    private final CommitMessage told = new CommitMessage();
    private @Nullable List<UUID> setToAppend;
    private @Nullable List<UUID> setToStore;
    private long setEnd;
    private long setStoreNumber;
    private @Nullable UUID heirToAppend;
    private long nowNs;
    private long syncWanted;

    /** The lowest wanted position that no sync was asked for yet; 0 if there is none. */
    private long firstSync;

    private long syncAskedNs;
    private long sealed;
    private long toldNs;
    private long sentRecorded = -1;
    private long sentDurable = -1;
    private long sentNs;
    private long movedRecorded;
    private long movedNs;
    private boolean finishing;
    private String failure = "";

    /**
     * @param superblock as loaded, or a new one
     * @param applier begins at the superblock's checkpoint
     */
    public ResourceAgent(
            ResourceConfig config,
            List<PeerAddress> peers,
            AeronStack stack,
            PeerLinks links,
            LogFiles files,
            JournalSyncer syncer,
            Applier applier,
            SuperblockKeeper keeper,
            Superblock superblock,
            EpochNanoClock clock,
            ResourceListener listener) {
        this.config = config;
        this.peers = List.copyOf(peers);
        this.links = links;
        this.syncer = syncer;
        this.applier = applier;
        this.keeper = keeper;
        this.listener = listener;
        this.projection = new Projection(config, applier, keeper, superblock);
        this.log =
                new LogControl(
                        config,
                        stack,
                        new Recording(stack, config.streamId()),
                        files,
                        syncer,
                        applier,
                        projection,
                        clock,
                        this);
        this.state =
                new ReplicationState(
                        config.replication(),
                        this,
                        ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE / 2));
        links.add(this);
    }

    /** Begins: recovers the log, then settles into a role. */
    public void start(boolean asPrimary) {
        state.start(asPrimary);
    }

    /** One duty cycle. */
    public int doWork(long dutyNowNs) {
        nowNs = dutyNowNs;
        if (state.phase() == Phase.STOPPED) {
            return 0;
        }
        try {
            return checkThreads()
                    + log.doWork()
                    + watchRecording()
                    + step()
                    + appendControl()
                    + askForSync()
                    + project()
                    + tellPeers();
        } catch (RuntimeException e) {
            fail(e);
            return 1;
        }
    }

    private int checkThreads() {
        RuntimeException failed =
                syncer.failure() != null ? syncer.failure() : projection.failure();
        if (failed != null) {
            fail(failed);
        }
        return 0;
    }

    private int watchRecording() {
        Recording recording = log.recording();
        if (log.appender() != null && !recording.growing()) {
            throw new JournalException(
                    JournalException.Code.FAILED,
                    "the archive has stopped to record at position "
                            + recording.recorded()
                            + ": look at the disk of the journal");
        }
        if (recording.following() && log.quiet()) {
            if (!recording.pollFollow(System.nanoTime(), STUCK_NS)) {
                state.followEnded(recorded());
                return 1;
            }
            log.recordingKnown();
            watchProgress(recording.recorded());
        }
        return 0;
    }

    /** A followed recording that does not move although the primary is ahead is started again. */
    private void watchProgress(long recorded) {
        if (recorded != movedRecorded || state.toldAppended() <= recorded) {
            movedRecorded = recorded;
            movedNs = nowNs;
        } else if (nowNs - movedNs > STUCK_NS) {
            movedNs = nowNs;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0}: recording has not moved from position {1}, the primary is at {2}: following again",
                    config.replication().resource(),
                    Long.toString(recorded),
                    Long.toString(state.toldAppended()));
            state.followEnded(recorded());
        }
        if (state.phase() == Phase.FETCHING && recorded >= state.fetchTarget()) {
            state.followEnded(recorded());
        }
    }

    private int step() {
        if (log.quiet()) {
            state.step(
                    recorded(),
                    syncer.durable(),
                    projection.applied(),
                    log.appender() != null && !hasRoom(),
                    nowNs);
        }
        return 0;
    }

    private int appendControl() {
        LogAppender appender = log.appender();
        ControlEntries entries = log.entries();
        if (appender == null || entries == null || appender.midRequest()) {
            return storeSet();
        }
        List<UUID> members = setToAppend;
        if (members != null) {
            long end = entries.inSyncSet(state.epoch(), members, state.committed());
            if (end != LogAppender.BACK_PRESSURED) {
                setToAppend = null;
                setToStore = members;
                setEnd = end;
                syncWanted(end);
                state.requestAppended(end);
                state.inSyncAppended(end);
            }
        }
        UUID heir = heirToAppend;
        if (heir != null) {
            entries.seal(state.epoch(), state.committed());
            long end = entries.epochEnd(state.epoch(), heir, state.committed());
            if (end != LogAppender.BACK_PRESSURED) {
                heirToAppend = null;
                syncWanted(end);
                state.requestAppended(end);
                state.epochEnded(end);
            }
        } else if (state.phase() == Phase.SERVING && appender.appended() - sealed >= SEAL_BYTES) {
            long end = entries.seal(state.epoch(), state.committed());
            if (end != LogAppender.BACK_PRESSURED) {
                sealed = end;
                state.requestAppended(end);
            }
        }
        return storeSet();
    }

    /**
     * The superblock takes a new set over once its entry is durable here: before, a power cut could
     * take it back.
     */
    private int storeSet() {
        List<UUID> members = setToStore;
        if (members != null && syncer.durable() >= setEnd) {
            long position = setEnd;
            setToStore = null;
            setStoreNumber = projection.store(sb -> sb.withInSync(members, position));
        }
        if (setStoreNumber != 0 && projection.stored(setStoreNumber)) {
            setStoreNumber = 0;
            state.inSyncStored();
            return 1;
        }
        return 0;
    }

    private int askForSync() {
        long recorded = recorded();
        if (!log.quiet() || recorded <= syncer.requested()) {
            return 0;
        }
        boolean wanted = firstSync != 0 && recorded >= firstSync;
        if (wanted
                || finishing
                || recorded - syncer.requested() >= config.syncBytes()
                || nowNs - syncAskedNs >= config.syncIntervalNs()) {
            syncAskedNs = nowNs;
            syncer.request(recorded);
            firstSync = syncWanted > recorded ? syncWanted : 0;
            return 1;
        }
        return 0;
    }

    private int project() {
        boolean crowded =
                log.appender() != null
                        && log.appender().appended() - projection.applied()
                                > config.unappliedLimitBytes() / 2;
        boolean urgent = state.phase() == Phase.OPENING || crowded;
        return log.quiet()
                ? projection.doWork(
                        nowNs,
                        state.committed(),
                        syncer.durable(),
                        urgent,
                        finishing,
                        !state.reigning())
                : projection.doWork(
                        nowNs, projection.applied(), syncer.durable(), false, false, true);
    }

    private int tellPeers() {
        if (state.reigning()) {
            return tellReplicas();
        }
        int followed = state.followed();
        if (followed < 0) {
            return 0;
        }
        long recorded = recorded();
        long durable = Math.min(syncer.durable(), recorded);
        boolean moved = recorded != sentRecorded || durable != sentDurable;
        if (log.quiet()
                && (moved || nowNs - sentNs >= TOLD_INTERVAL_NS)
                && links.link(followed)
                        .sendPositions(
                                nowNs,
                                config.key(),
                                state.attempt(),
                                state.epoch(),
                                recorded,
                                durable,
                                state.committed(),
                                projection.applied(),
                                projection.checkpoint())) {
            sentRecorded = recorded;
            sentDurable = durable;
            sentNs = nowNs;
            return moved ? 1 : 0;
        }
        return 0;
    }

    private int tellReplicas() {
        LogAppender appender = log.appender();
        if (appender == null) {
            return 0;
        }
        boolean syncMoved = syncWanted > told.syncTo;
        boolean commitMoved =
                state.committed() > told.committed && nowNs - toldNs >= COMMIT_INTERVAL_NS;
        if (!syncMoved && !commitMoved && nowNs - toldNs < TOLD_INTERVAL_NS) {
            return 0;
        }
        told.epoch = state.epoch();
        told.appended = appender.appended();
        told.recorded = recorded();
        told.durable = syncer.durable();
        told.committed = state.committed();
        told.applied = projection.applied();
        told.checkpoint = projection.checkpoint();
        told.syncTo = syncWanted;
        told.appendedTimeNs = appender.lastTimeNs();
        toldNs = nowNs;
        List<Peer> all = state.peers();
        boolean sent = true;
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).following) {
                sent &= links.link(i).sendCommit(nowNs, config.key(), told);
            }
        }
        if (!sent) {
            // A client's FLUSH may wait for it: again in the next cycle.
            told.syncTo = 0;
        }
        return syncMoved || commitMoved ? 1 : 0;
    }

    private void fail(RuntimeException e) {
        failure = String.valueOf(e.getMessage());
        LOG.log(
                System.Logger.Level.ERROR,
                config.replication().resource()
                        + " has stopped on this node: "
                        + failure
                        + " (recorded "
                        + recorded()
                        + ", durable "
                        + syncer.durable()
                        + ", applied "
                        + projection.applied()
                        + ")",
                e);
        state.fail(failure);
        try {
            log.stopRecording();
        } catch (RuntimeException stopping) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "and the recording could not be stopped: {0}",
                    stopping.getMessage());
        }
    }

    // ---- for the front

    /** The appender while this node takes requests, else null. */
    public @Nullable LogAppender front() {
        return state.phase() == Phase.SERVING ? log.appender() : null;
    }

    /** Whether the log may grow: appended stays within the unapplied limit (I12). */
    public boolean hasRoom() {
        LogAppender appender = log.appender();
        return appender != null
                && appender.appended() - projection.applied() < config.unappliedLimitBytes();
    }

    /** A client's request ends here. */
    public void requestAppended(long end) {
        state.requestAppended(end);
    }

    /** A client waits for durability up to this position, on all nodes that count. */
    public void syncWanted(long position) {
        if (position > syncWanted) {
            syncWanted = position;
            if (firstSync == 0) {
                firstSync = position;
            }
        }
    }

    /** The front met a failure of the log: the resource stops on this node. */
    public void failed(RuntimeException e) {
        fail(e);
    }

    /** What is known of this resource; read-only for everybody but this class. */
    public ReplicationState state() {
        return state;
    }

    public ResourceConfig config() {
        return config;
    }

    public long recorded() {
        return log.recording().recorded();
    }

    public long appended() {
        LogAppender appender = log.appender();
        return appender != null ? appender.appended() : recorded();
    }

    public long durable() {
        return Math.min(syncer.durable(), recorded());
    }

    public long applied() {
        return projection.applied();
    }

    public long checkpoint() {
        return projection.checkpoint();
    }

    /** Why the resource has stopped here, empty if it has not. */
    public String failure() {
        return failure;
    }

    // ---- clean stop

    /**
     * Ends the reign if there is one; then everything committed is applied and checkpointed. True
     * when done.
     */
    public boolean finish() {
        if (state.phase() == Phase.STOPPED) {
            return true;
        }
        if (state.phase() == Phase.SERVING) {
            state.close();
            return false;
        }
        if (state.phase() == Phase.CLOSING && !state.closed()) {
            return false;
        }
        if (!finishing) {
            finishing = true;
            int followed = state.followed();
            if (followed >= 0) {
                links.link(followed).sendLeave(nowNs, config.key());
                log.stopRecording();
            }
        }
        return log.quiet()
                && durable() >= appended()
                && projection.finished(Math.min(state.committed(), durable()));
    }

    @Override
    public void close() {
        try {
            log.stopRecording();
        } finally {
            syncer.close();
            applier.close();
            keeper.close();
        }
    }

    // ---- Actions

    @Override
    public void recover() {
        setToAppend = null;
        setToStore = null;
        setStoreNumber = 0;
        heirToAppend = null;
        syncWanted = 0;
        firstSync = 0;
        told.syncTo = 0;
        told.committed = 0;
        log.recover();
    }

    @Override
    public void follow(int peer, long recordingId, long common) {
        PeerAddress address = peers.get(peer);
        boolean replica = state.phase() == Phase.FOLLOWING;
        sentRecorded = -1;
        movedNs = nowNs;
        syncWanted = 0;
        firstSync = 0;
        LOG.log(
                System.Logger.Level.INFO,
                "{0}: follows {1} from position {2}, epoch {3}",
                config.replication().resource(),
                address.name(),
                Long.toString(common),
                Long.toString(state.epoch()));
        log.follow(
                recordingId,
                AeronSettings.archiveControlChannel(address.address(), address.port()),
                common,
                replica,
                replica ? state.epoch() : 0);
    }

    @Override
    public void openEpoch(EpochPlan plan) {
        log.open(plan);
    }

    @Override
    public void appendInSyncSet(List<UUID> members) {
        setToAppend = members;
        setToStore = null;
        setStoreNumber = 0;
        LOG.log(
                System.Logger.Level.INFO,
                "{0}: the in-sync set becomes {1} at position {2}",
                config.replication().resource(),
                names(members),
                Long.toString(appended()));
    }

    @Override
    public void endEpoch(UUID heir) {
        heirToAppend = heir;
    }

    @Override
    public void serve() {
        LOG.log(
                System.Logger.Level.INFO,
                "{0}: serves epoch {1} from position {2}",
                config.replication().resource(),
                Long.toString(state.epoch()),
                Long.toString(appended()));
        sealed = appended();
        listener.serving();
    }

    @Override
    public void stepDown() {
        listener.steppedDown();
    }

    @Override
    public void sendFollow(int peer, long attempt, long common) {
        links.link(peer)
                .sendFollow(
                        config.key(),
                        attempt,
                        state.epoch(),
                        log.recording().recordingId(),
                        common);
    }

    @Override
    public void sendHello(int peer) {
        links.link(peer).answer(this);
    }

    @Override
    public void sendRefusal(int peer, Refusal refusal) {
        LOG.log(
                System.Logger.Level.WARNING,
                "{0}: {1} is refused: {2}",
                config.replication().resource(),
                peers.get(peer).name(),
                refusal.text());
        links.link(peer).sendRefusal(config.key(), refusal);
    }

    @Override
    public void helloChanged() {
        for (int i = 0; i < peers.size(); i++) {
            links.link(i).answer(this);
        }
    }

    // ---- LogControl.Outcome

    @Override
    public void recovered(Standing standing) {
        state.recovered(standing);
    }

    @Override
    public void opened(Started started) {
        syncWanted(started.endPosition());
        setToStore = state.durableInSync();
        setEnd = started.endPosition();
        state.requestAppended(started.endPosition());
        state.epochStarted(started);
    }

    @Override
    public void followRefused() {
        state.followRefused();
    }

    // ---- ResourceMessages

    @Override
    public int resourceKey() {
        return config.key();
    }

    @Override
    public @Nullable Hello hello(long link, long echo) {
        return switch (state.phase()) {
            // Where this node stands is not known, or changes from one moment to the next.
            case RECOVERING, FOLLOWING, FETCHING, STOPPED -> null;
            case WAITING, SETTLING, OPENING, SERVING, CLOSING -> helloNow(link, echo);
        };
    }

    private Hello helloNow(long link, long echo) {
        Standing standing = state.standing();
        Superblock sb = projection.superblock();
        return new Hello(
                link,
                echo,
                config.replication().nodeId(),
                config.replication().node(),
                sb.resource(),
                config.replication().resource(),
                orNull(sb.base()),
                config.digest(),
                log.recording().recordingId(),
                log.recording().startPosition(),
                appended(),
                durable(),
                state.committed(),
                sb.applyLimit(),
                standing.highestEpoch(),
                standing.heir(),
                state.role(),
                state.attempt(),
                standing.epochs(),
                config.volumes().stream()
                        .map(v -> new Hello.Volume(v.volume(), v.partition().volumeSizeBytes()))
                        .toList());
    }

    @Override
    public void onHello(int peer, Hello hello) {
        Refusal refusal = HelloCheck.refusal(helloNow(0, 0), hello);
        if (refusal != null) {
            state.onRefusal(peer, refusal);
            sendRefusal(peer, refusal);
            return;
        }
        state.onHello(peer, hello);
    }

    @Override
    public void onFollow(int peer, long attempt, long epoch, long recordingId, long common) {
        if (log.quiet()) {
            state.onFollow(
                    peer,
                    attempt,
                    epoch,
                    recordingId,
                    common,
                    projection.superblock().applyLimit());
        }
    }

    @Override
    public void onPositions(
            int peer,
            long attempt,
            long epoch,
            long recorded,
            long durable,
            long committed,
            long applied,
            long checkpoint) {
        state.onPositions(peer, attempt, epoch, recorded, durable, committed, applied, checkpoint);
    }

    @Override
    public void onCommit(
            int peer, long epoch, long committed, long appended, long syncTo, long appendedTimeNs) {
        if (state.onCommit(peer, epoch, committed, appended, appendedTimeNs)) {
            syncWanted(syncTo);
        }
    }

    @Override
    public void onRefusal(int peer, Refusal refusal) {
        state.onRefusal(peer, refusal);
    }

    @Override
    public void onLeave(int peer) {
        state.onLeave(peer);
    }

    @Override
    public void onPeerLost(int peer) {
        state.onPeerLost(peer);
    }

    private static @Nullable UUID orNull(UUID id) {
        return id.equals(Superblock.NIL) ? null : id;
    }

    private String names(List<UUID> members) {
        return members.stream()
                .map(
                        m ->
                                state.peers().stream()
                                        .filter(p -> m.equals(p.node()))
                                        .map(Peer::name)
                                        .findFirst()
                                        .orElse(m.toString()))
                .toList()
                .toString();
    }
}
