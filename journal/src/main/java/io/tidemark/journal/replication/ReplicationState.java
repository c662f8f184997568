package io.tidemark.journal.replication;

import io.tidemark.journal.epoch.EpochHistory;
import java.util.List;
import java.util.UUID;

/**
 * The replication state machine of one resource on one node: role, epoch, in-sync set, what may be
 * answered, what is committed, who follows whom. Pure: inputs are messages, positions and times;
 * outputs go to {@link Actions}. No I/O, no clock, no thread of its own; the data thread drives it,
 * a simulator may.
 *
 * <p>Positions are bytes in the log. Times are nanoseconds of the node's duty clock, which does not
 * advance while the node itself stands still, so that its own pauses are never held against a peer
 * (I6).
 *
 * <p>A replica follows by <em>attempts</em>: each recovery draws a new attempt number, says it in
 * its Hello, and everything that belongs to an attempt (Follow, Positions) carries it. What was
 * acknowledged in one attempt never counts in another.
 */
public final class ReplicationState {
    private final ReplicationSettings settings;
    private final Actions actions;
    private final Peers peers;
    private final Promises promises;
    private final Reign reign;
    private final PrimaryNews news = new PrimaryNews();
    private final FetchProgress fetches;
    private final Handover handover = new Handover();
    private Standing standing = new Standing(0, 0, 0, 0, EpochHistory.EMPTY, List.of(), null);
    private Phase phase = Phase.RECOVERING;
    private boolean candidate;
    private boolean force;
    private long forcedOver;
    private String detail = "";
    private long attempt;
    private long nowNs;
    private long askedSinceNs;
    private int followed = -1;
    private long followedEpoch;

    /**
     * @param firstAttempt where attempts are counted from; random, so that those of an earlier
     *     process do not count
     */
    public ReplicationState(ReplicationSettings settings, Actions actions, long firstAttempt) {
        this.settings = settings;
        this.actions = actions;
        this.peers = new Peers(settings.peers());
        this.promises = new Promises(settings.protocol(), peers, new InSyncSet(List.of()));
        this.reign = new Reign(settings, actions, peers, promises);
        this.fetches = new FetchProgress(peers.size());
        this.attempt = firstAttempt;
    }

    /** Begins. The agent recovers the log and reports it. */
    public void start(boolean asPrimary) {
        candidate = asPrimary;
        recover();
    }

    /** The log was ended at its last whole request and synced. */
    public void recovered(Standing recovered) {
        standing = recovered;
        promises.restart(reign.rest(recovered.inSync()), recovered.logEnd(), recovered.committed());
        askedSinceNs = nowNs;
        candidate |= Settlement.inherits(settings.nodeId(), recovered);
        phase = candidate ? Phase.SETTLING : Phase.WAITING;
        actions.helloChanged();
        settle();
    }

    /** An operator asks for the primary role; forced: whatever may be lost was confirmed. */
    public void promote(boolean forced) {
        if ((reigning() && !(phase == Phase.OPENING && forced)) || phase == Phase.STOPPED) {
            return;
        }
        candidate = true;
        force |= forced;
        forcedOver = forced ? peers.highestReign() : forcedOver;
        fetches.forget();
        if (phase == Phase.SETTLING) {
            settle();
        } else if (phase != Phase.RECOVERING && phase != Phase.OPENING) {
            recover();
        }
    }

    /**
     * Ends the reign for a clean stop: no further request is taken, the epoch's end goes to the
     * in-sync set.
     */
    public void close() {
        if (phase == Phase.SERVING && !reign.inSync().changing()) {
            phase = Phase.CLOSING;
            actions.endEpoch(handover.heir(reign, settings.nodeId()));
        }
    }

    /**
     * Gives the reign up and goes on as a replica; clients are dropped when all that was answered
     * is durable where it must be.
     *
     * @param heir who opens the next epoch; this node itself for nobody until one is promoted
     */
    public void demote(UUID heir) {
        if (reigning()) {
            handover.ask(heir, false);
        }
    }

    /** Clients are dropped at once, and this node is a replica that begins with a recovery. */
    public void stepDown() {
        actions.stepDown();
        candidate = force = false;
        handover.forget();
        recover();
    }

    /** The resource has failed on this node and stays as it is. */
    public void fail(String why) {
        candidate |= reigning();
        phase = Phase.STOPPED;
        detail = why;
        actions.stepDown();
    }

    private void recover() {
        phase = Phase.RECOVERING;
        detail = "";
        attempt++;
        followed = -1;
        reign.over();
        peers.all().forEach(Peer::stopFollowing);
        actions.recover();
    }

    // ---- inputs from peers

    public void onHello(int index, Hello hello) {
        Peer peer = peers.get(index);
        boolean otherSession = peer.link != hello.link();
        if (otherSession) {
            peer.reset();
            peer.link = hello.link();
        }
        peer.hello = hello;
        peer.node = hello.node();
        if (peer.state == Peer.State.LOST) {
            peer.state = Peer.State.CONNECTED;
        }
        if (otherSession && index == followed) {
            followEnded(promises.recorded());
            return;
        }
        if (reigning()) {
            if (reign.deposedBy(peer, hello, standing.epochs(), nowNs)) {
                stepDown();
            }
        } else if (phase == Phase.WAITING && hello.role() == Role.PRIMARY) {
            actions.sendHello(index);
        } else if (phase == Phase.WAITING
                && Settlement.bequeathed(hello, settings.nodeId(), standing)) {
            promote(false);
        } else if (phase == Phase.WAITING && hello.role() == Role.CANDIDATE) {
            if (Settlement.handsOverTo(hello, settings.nodeId(), standing)) {
                promote(false);
                handover.ask(hello.node(), true);
            } else {
                reign.askAgain(peer, nowNs);
            }
        }
        settle();
    }

    /**
     * A primary tells this node to record its log.
     *
     * @param applyLimit what this node's partition may hold at this moment
     */
    public void onFollow(
            int index,
            long forAttempt,
            long epochNumber,
            long recordingId,
            long common,
            long applyLimit) {
        if (forAttempt != attempt
                || (phase != Phase.WAITING && phase != Phase.SETTLING)
                || epochNumber < standing.epochs().lastNumber()) {
            return;
        }
        Peer peer = peers.get(index);
        if (common < applyLimit || common > standing.logEnd()) {
            peer.state = Peer.State.DIVERGED;
            peer.detail = reign.parted(peer, common);
            return;
        }
        handover.forget();
        candidate = false;
        phase = Phase.FOLLOWING;
        detail = "";
        followed = index;
        followedEpoch = epochNumber;
        peer.state = Peer.State.LIVE;
        peer.detail = "";
        news.restart(nowNs);
        standing = standing.cutAt(common, applyLimit, promises.committed(), epochNumber);
        promises.restart(reign.inSync(), common, promises.committed());
        actions.follow(index, recordingId, common);
    }

    public void onRefusal(int index, Refusal refusal) {
        peers.get(index).refused(refusal);
    }

    /** A replica's acknowledgement. */
    public void onPositions(
            int index,
            long ofAttempt,
            long epoch,
            long peerRecorded,
            long peerDurable,
            long peerCommitted,
            long peerApplied,
            long peerCheckpoint) {
        Peer peer = peers.get(index);
        if (!reigning()
                || !peer.following
                || ofAttempt != peer.attempt
                || epoch != standing.epochs().lastNumber()) {
            return;
        }
        peer.acknowledge(peerRecorded, peerDurable, nowNs);
        peer.committed = peerCommitted;
        peer.applied = peerApplied;
        peer.checkpoint = peerCheckpoint;
    }

    /**
     * The primary's tide mark.
     *
     * @return whether it belongs to the epoch that this node follows
     */
    public boolean onCommit(
            int index,
            long epoch,
            long toldCommitted,
            long toldAppendedPosition,
            long appendedTimeNs) {
        if (index != followed || epoch != followedEpoch || phase != Phase.FOLLOWING) {
            return false;
        }
        news.heard(toldCommitted, toldAppendedPosition, appendedTimeNs, nowNs);
        return true;
    }

    /** A replica stops by itself: replies need not wait for its timeout. */
    public void onLeave(int index) {
        peers.get(index).leaving = true;
    }

    /** Nothing was heard of a peer for too long. */
    public void onPeerLost(int index) {
        peers.get(index).reset();
        if (index == followed) {
            followEnded(promises.recorded());
        }
    }

    // ---- inputs from this node

    /**
     * What this node recorded from a peer has ended, or does not move: start again from Hello.
     *
     * @param recordedEnd how far it came
     */
    public void followEnded(long recordedEnd) {
        if (phase == Phase.FETCHING) {
            fetches.ended(followed, recordedEnd, nowNs);
        }
        if (phase == Phase.FETCHING || phase == Phase.FOLLOWING) {
            recover();
        }
    }

    /**
     * Following turned out to be impossible before anything was changed: the partition may hold
     * more than the common part.
     */
    public void followRefused() {
        if (phase == Phase.FOLLOWING) {
            Peer peer = peers.get(followed);
            String why = reign.parted(peer, standing.logEnd());
            recover();
            peer.state = Peer.State.DIVERGED;
            peer.detail = why;
        }
    }

    public void epochStarted(Actions.Started started) {
        standing = standing.opened(started.epoch(), promises.committed(), reign.inSync().durable());
        reign.started(started, nowNs);
        actions.helloChanged();
    }

    public void epochEnded(long end) {
        reign.ended(end, nowNs);
    }

    /** A whole request, or an entry of the node's own, ends at this position. */
    public void requestAppended(long end) {
        promises.requestAppended(end);
    }

    /**
     * One step: the node's own positions and the time. Called once per duty cycle, after all input
     * was read.
     *
     * @param crowded whether requests are held back because too much is unapplied
     */
    public void step(
            long recordedHere,
            long durableHere,
            long appliedHere,
            boolean crowded,
            long dutyNowNs) {
        nowNs = dutyNowNs;
        promises.here(recordedHere, durableHere);
        if (!reigning()) {
            if (phase == Phase.FOLLOWING) {
                promises.told(news.committed());
                if (news.silent(nowNs)) {
                    followEnded(promises.recorded());
                }
            }
            reign.askAgain(phase, nowNs);
            settle();
            return;
        }
        reign.watch().crowded(crowded, nowNs);
        reign.commit();
        if (phase == Phase.OPENING && reign.mayServe(appliedHere)) {
            phase = Phase.SERVING;
            force = false;
            detail = "";
            actions.serve();
        }
        if (phase == Phase.OPENING && force && reign.hasStarted()) {
            force = false;
            reign.change(List.of(), nowNs);
        }
        reign.attend(phase, nowNs);
        var next = handover.next(phase, reign, settings.nodeId(), nowNs);
        if (next == Handover.Step.END) {
            close();
        } else if (next == Handover.Step.LET_GO) {
            actions.demoted();
            stepDown();
        }
    }

    // ---- decisions

    private void settle() {
        if (phase != Phase.SETTLING) {
            return;
        }
        // A reign that was heard of since the force was given was not what it was given for.
        force &= peers.highestReign() <= Math.max(forcedOver, standing.epochs().lastNumber());
        if (force) {
            open(List.of());
            return;
        }
        switch (Settlement.decide(
                settings, standing, peers.all(), nowNs - askedSinceNs, fetches.fetchedTo())) {
            case Settlement.Open open -> open(open.inSync());
            case Settlement.WaitFor wait -> detail = wait.who();
            case Settlement.YieldTo yield -> {
                handover.forget();
                candidate = false;
                phase = Phase.WAITING;
                detail = yield.peer() + " has a later epoch";
                actions.helloChanged();
            }
            case Settlement.Fetch fetch -> fetch(fetch.peer());
        }
    }

    private void fetch(int index) {
        Hello hello = peers.get(index).hello;
        if (hello == null || !fetches.mayBegin(nowNs)) {
            detail = peers.get(index).name();
            return;
        }
        fetches.begin(hello.logEnd());
        phase = Phase.FETCHING;
        detail =
                "positions %d to %d from %s"
                        .formatted(standing.logEnd(), hello.logEnd(), hello.nodeName());
        followed = index;
        actions.follow(index, hello.recordingId(), standing.logEnd());
    }

    private void open(List<UUID> members) {
        reign.opening(members);
        phase = Phase.OPENING;
        detail = "";
        actions.openEpoch(
                new Actions.EpochPlan(
                        peers.highestEpoch(standing.highestEpoch()) + 1,
                        force,
                        standing.logEnd(),
                        Math.max(standing.logEnd(), news.appended()),
                        members));
        force = false;
        candidate = false;
    }

    // ---- what others read

    /** Whether this node appends. */
    public boolean reigning() {
        return phase == Phase.OPENING || phase == Phase.SERVING || phase == Phase.CLOSING;
    }

    /** Plain requests that end at or below this position may be answered (I4). */
    public long answeredRecorded() {
        return promises.answeredRecorded();
    }

    /** FLUSH and FUA that end at or below this position may be answered (I4). */
    public long answeredDurable() {
        return promises.answeredDurable();
    }

    /** The tide mark. */
    public long committed() {
        return promises.committed();
    }

    public Phase phase() {
        return phase;
    }

    public Role role() {
        return reigning() ? Role.PRIMARY : candidate ? Role.CANDIDATE : Role.REPLICA;
    }

    public String detail() {
        return detail;
    }

    public Standing standing() {
        return standing;
    }

    public List<Peer> peers() {
        return peers.all();
    }

    /** Number of this node's present attempt to follow. */
    public long attempt() {
        return attempt;
    }

    /** Epoch that this node appends in or follows, else the last one in its log; 0 if none. */
    public long epoch() {
        return phase == Phase.FOLLOWING ? followedEpoch : standing.epochs().lastNumber();
    }

    /** Whether a promotion needs force: this node may not open the next epoch by itself. */
    public boolean needsForce() {
        return phase == Phase.FOLLOWING
                || phase == Phase.SETTLING
                || phase == Phase.FETCHING
                || !Settlement.mayOpen(settings.nodeId(), standing, peers.all());
    }

    /** Index of the followed peer, -1 if none. */
    public int followed() {
        return followed;
    }

    /** The primary's side, for those who append and answer. */
    public Reign reign() {
        return reign;
    }

    /** Replica: what its primary told last. */
    public PrimaryNews news() {
        return news;
    }

    /** Where a fetch ends; 0 if none is under way. */
    public long fetchTarget() {
        return phase == Phase.FETCHING ? fetches.target() : 0;
    }
}
