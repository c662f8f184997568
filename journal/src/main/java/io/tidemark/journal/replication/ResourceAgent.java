package io.tidemark.journal.replication;

import io.tidemark.journal.aeron.AeronSettings;
import io.tidemark.journal.aeron.AeronStack;
import io.tidemark.journal.aeron.Recording;
import io.tidemark.journal.apply.Applier;
import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.apply.SuperblockKeeper;
import io.tidemark.journal.log.JournalSyncer;
import io.tidemark.journal.log.LogAppender;
import io.tidemark.journal.log.LogFiles;
import io.tidemark.journal.log.RangeReader;
import io.tidemark.journal.log.SpaceKeeper;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.concurrent.EpochNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * One resource on one node: drives {@link ReplicationState} with positions, messages and time, and
 * does what it asks for. Part of the node's duty cycle; owns the resource's syncer, applier and
 * superblock threads and talks to them by positions. Data thread only.
 */
public final class ResourceAgent implements Actions, LogControl.Outcome, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ResourceAgent.class.getName());

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
    private final SyncDemand demand;
    private final ControlAppends control;
    private final Bulletin bulletin;
    private final StopNews stopNews;
    private final FollowWatch followWatch;
    private final ResourceInbox inbox;
    private final JournalRoom room;
    private final Mending mending;
    private final CommitMessage mark = new CommitMessage();
    private long nowNs;
    private boolean finishing;
    private boolean heldBack;

    /**
     * End of the last client's request in this node's last reign, or where that began; unlimited
     * while there was none, or a peer's log is recorded since.
     */
    private long clientEnd = Long.MAX_VALUE;

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
            SpaceKeeper space,
            Applier applier,
            SuperblockKeeper keeper,
            Superblock superblock,
            RangeReader ranges,
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
                        new Recording(stack, config.streamId()),
                        files,
                        syncer,
                        applier,
                        projection,
                        clock,
                        this);
        long firstAttempt = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE / 2);
        this.state = new ReplicationState(config.replication(), this, firstAttempt);
        this.demand = new SyncDemand(syncer, config);
        this.bulletin = new Bulletin(config.key(), links, state);
        this.stopNews = new StopNews(config.key(), config.replication().node(), links);
        this.followWatch = new FollowWatch(config.replication().resource(), log, state);
        this.room = new JournalRoom(config, log, state, links, space);
        this.control = new ControlAppends(state, projection, demand, room);
        HelloSource hellos = new HelloSource(config, log.recording(), projection, state);
        this.mending = new Mending(config, links, files, applier, projection, log, state, ranges);
        this.inbox = new ResourceInbox(this, hellos, log, room, projection, demand, mending);
        links.add(inbox);
    }

    /** Begins: recovers the log, then settles into a role. */
    public void start(boolean asPrimary) {
        state.start(asPrimary);
    }

    /** One duty cycle. */
    public int doWork(long dutyNowNs) {
        nowNs = dutyNowNs;
        if (state.phase() == Phase.STOPPED) {
            return stopNews.tell(failure, nowNs);
        }
        try {
            return checkThreads()
                    + followWatch.doWork(nowNs)
                    + room.doWork(nowNs)
                    + mending.doWork(nowNs)
                    + log.doWork()
                    + step()
                    + control.doWork(log.appender(), log.entries(), syncer.durable())
                    + (log.quiet() ? demand.doWork(recorded(), finishing, nowNs) : 0)
                    + project()
                    + tellPeers();
        } catch (RuntimeException e) {
            fail(e);
            return 1;
        }
    }

    private int checkThreads() {
        RuntimeException failed = syncer.failure();
        failed = failed != null ? failed : projection.failure();
        if (failed != null) {
            throw failed; // Nothing more is begun in this cycle.
        }
        return 0;
    }

    private int step() {
        if (log.quiet()) {
            state.step(
                    recorded(),
                    syncer.durable(),
                    projection.applied(),
                    log.appender() != null && (heldBack || !hasRoom()),
                    nowNs);
        }
        return 0;
    }

    private int project() {
        boolean crowded =
                log.appender() != null
                        && log.appender().appended() - projection.applied()
                                > config.unappliedLimitBytes() / 2;
        boolean urgent = state.phase() == Phase.OPENING || crowded || heldBack;
        return log.quiet()
                ? projection.doWork(
                        nowNs, appliable(), syncer.durable(), urgent, finishing, !state.reigning())
                : projection.doWork(
                        nowNs, projection.applied(), syncer.durable(), false, false, true);
    }

    /**
     * Up to where the partitions may reflect the log now. A primary, also a former one, leaves out
     * what follows the last client's request: such entries change no block, and an epoch that
     * served nobody, or an end that its heir has not seen, must not make its partition look as if
     * it held something of its own.
     */
    private long appliable() {
        return Math.min(state.committed(), clientEnd);
    }

    private int tellPeers() {
        if (!state.reigning()) {
            int followed = state.followed();
            return followed < 0 || !log.quiet()
                    ? 0
                    : bulletin.tellPrimary(
                            followed, recorded(), durable(), applied(), checkpoint(), nowNs);
        }
        LogAppender appender = log.appender();
        if (appender == null) {
            return 0;
        }
        mark.appended = appender.appended();
        mark.recorded = recorded();
        mark.durable = syncer.durable();
        mark.applied = applied();
        mark.checkpoint = checkpoint();
        mark.syncTo = demand.wanted();
        mark.appendedTimeNs = appender.lastTimeNs();
        return bulletin.tellReplicas(mark, nowNs);
    }

    /** The log or the partition has failed: the resource stops on this node (I10). */
    public void fail(RuntimeException e) {
        failure = String.valueOf(e.getMessage());
        StopNotice.log(
                config.replication().resource(),
                e,
                recorded(),
                syncer.durable(),
                projection.applied());
        state.fail(failure);
        room.keeper().stop();
        stopNews.tell(failure, nowNs);
        try {
            log.stopRecording();
        } catch (RuntimeException stopping) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "and while its recording was stopped: {0}",
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

    /** Space for the journal. */
    public JournalRoom room() {
        return room;
    }

    /** Whether requests are held back because too much is unapplied, in bytes or in entries. */
    public void heldBack(boolean whether) {
        heldBack = whether;
    }

    /** A client's request ends here. */
    public void requestAppended(long end) {
        clientEnd = end;
        state.requestAppended(end);
    }

    /** A client waits for durability up to this position, on all nodes that count. */
    public void syncWanted(long position) {
        demand.want(position);
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

    /**
     * End of what the partitions reflect. On a primary that has applied all that clients wrote it
     * is the tide mark: what follows changes no block.
     */
    public long applied() {
        long applied = projection.applied();
        return applied >= clientEnd ? Math.max(applied, state.committed()) : applied;
    }

    public long checkpoint() {
        return projection.checkpoint();
    }

    /**
     * Gives up this node's log beyond a position, to follow whoever reigns; see {@link Discard}.
     */
    public void discard(long to) {
        // What peers know of this side must not be what they decide on.
        stopNews.tell("it gives up its side", nowNs);
        log.discard().want(to, state.standing().epochs());
        state.stepDown();
    }

    /** How far the log was last read by the thread that scans and applies it. */
    public long readTo() {
        return applier.read();
    }

    /** The log is being mended from a peer, if it is damaged. */
    public Mending mending() {
        return mending;
    }

    /** Why the resource has stopped here, empty if it has not. */
    public String failure() {
        return failure;
    }

    // ---- clean stop

    /** Ends the reign, then everything committed is applied and checkpointed. True when done. */
    public boolean finish() {
        if (state.phase() == Phase.STOPPED || mending.recovering()) {
            return true;
        }
        if (state.phase() == Phase.SERVING) {
            state.close();
            return false;
        }
        if (state.phase() == Phase.CLOSING && !state.reign().hasEnded()) {
            return false;
        }
        finishing = true;
        log.giveUpWaiting();
        try {
            followWatch.leave(links, config.key(), nowNs);
        } catch (RuntimeException e) {
            fail(e);
            return true;
        }
        return log.quiet()
                && durable() >= appended()
                && projection.finished(Math.min(appliable(), durable()));
    }

    @Override
    public void close() {
        try {
            log.stopRecording();
        } finally {
            room.keeper().close();
            syncer.close();
            applier.close();
            keeper.close();
        }
    }

    // ---- Actions

    @Override
    public void recover() {
        control.reset();
        demand.reset();
        bulletin.reset();
        log.recover();
    }

    @Override
    public void follow(int peer, long recordingId, long common) {
        PeerAddress address = peers.get(peer);
        boolean replica = state.phase() == Phase.FOLLOWING;
        clientEnd = Long.MAX_VALUE;
        followWatch.restart(nowNs);
        demand.reset();
        bulletin.reset();
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
                replica ? state.epoch() : 0,
                inbox.followEpochs(peer));
    }

    @Override
    public void openEpoch(EpochPlan plan) {
        log.open(plan);
    }

    @Override
    public void appendInSyncSet(List<UUID> members) {
        control.changeSet(members);
        LOG.log(
                System.Logger.Level.INFO,
                "{0}: the in-sync set becomes {1} at position {2}",
                config.replication().resource(),
                Peer.names(members, state.peers()),
                Long.toString(appended()));
    }

    @Override
    public void endEpoch(UUID heir) {
        control.endEpoch(heir);
    }

    @Override
    public void serve() {
        LOG.log(
                System.Logger.Level.INFO,
                "{0}: serves epoch {1} from position {2}",
                config.replication().resource(),
                Long.toString(state.epoch()),
                Long.toString(appended()));
        listener.serving();
    }

    @Override
    public void stepDown() {
        listener.steppedDown();
    }

    @Override
    public void demoted() {
        projection.store(sb -> sb.withRole(Superblock.Role.REPLICA));
    }

    @Override
    public void sendFollow(int peer, long attempt, long common) {
        links.link(peer)
                .sendFollow(
                        config.key(),
                        attempt,
                        state.epoch(),
                        log.recording().recordingId(),
                        common,
                        state.standing().epochs());
    }

    @Override
    public void sendHello(int peer) {
        links.link(peer).answer(inbox);
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
            links.link(i).answer(inbox);
        }
    }

    // ---- LogControl.Outcome

    @Override
    public void recovered(Standing standing) {
        state.recovered(standing);
    }

    @Override
    public void opened(Started started) {
        clientEnd = started.epoch().startPosition();
        demand.want(started.endPosition());
        control.opened(state.reign().durableInSync(), started.endPosition());
        state.requestAppended(started.endPosition());
        state.epochStarted(started);
    }

    @Override
    public void followRefused() {
        state.followRefused();
    }

    @Override
    public boolean mayOpen() {
        return room.mayOpen();
    }

    @Override
    public boolean mayFollow() {
        return !room.full();
    }
}
