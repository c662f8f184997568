package io.tidemark.journal.replication;

import io.tidemark.journal.epoch.EpochHistory;
import java.util.ArrayList;
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
 */
public final class ReplicationState {
    private final ReplicationSettings settings;
    private final Actions actions;
    private final List<Peer> peers = new ArrayList<>();
    private final RequestEnds requestEnds = new RequestEnds();
    private final long[] fetchedTo;
    private Standing standing = new Standing(0, 0, 0, 0, EpochHistory.EMPTY, List.of(), null);
    private InSyncSet inSync = new InSyncSet(List.of());
    private Phase phase = Phase.RECOVERING;
    private boolean candidate;
    private boolean force;
    private String detail = "";
    private long askedSinceNs;
    private long nowNs;
    private long appended;
    private long recorded;
    private long durable;
    private long committed;
    private long serveFrom = Long.MAX_VALUE;
    private long appliedBeforeServe;
    private long epochEnd = Long.MAX_VALUE;
    private long epochEndNs;
    private long clientAnswered;
    private long followedEpoch;
    private int followed = -1;
    private long told;
    private long toldAppended;
    private long toldTimeNs;
    private long toldHeardNs;
    private long waitingRecorded;
    private long waitingRecordedNs;
    private long waitingDurable;
    private long waitingDurableNs;

    public ReplicationState(ReplicationSettings settings, Actions actions) {
        this.settings = settings;
        this.actions = actions;
        for (String name : settings.peers()) {
            peers.add(new Peer(peers.size(), name));
        }
        fetchedTo = new long[peers.size()];
    }

    /** Begins. The agent recovers the log and reports it. */
    public void start(boolean asPrimary) {
        candidate = asPrimary;
        phase = Phase.RECOVERING;
        actions.recover();
    }

    /** The log was ended at its last whole request and synced. */
    public void recovered(Standing recovered) {
        standing = recovered;
        inSync = new InSyncSet(recovered.inSync());
        committed = Math.max(recovered.committed(), recovered.applyLimit());
        appended = recovered.logEnd();
        recorded = recovered.logEnd();
        durable = recovered.logEnd();
        requestEnds.clear();
        serveFrom = Long.MAX_VALUE;
        epochEnd = Long.MAX_VALUE;
        followed = -1;
        askedSinceNs = nowNs;
        phase = candidate ? Phase.SETTLING : Phase.WAITING;
        actions.helloChanged();
        settle();
    }

    /**
     * An operator asks for the primary role; {@code forced}: whatever may be lost was confirmed.
     */
    public void promote(boolean forced) {
        if (phase == Phase.SERVING || phase == Phase.OPENING || phase == Phase.STOPPED) {
            return;
        }
        candidate = true;
        force |= forced;
        if (phase == Phase.SETTLING) {
            settle();
        } else if (phase != Phase.RECOVERING) {
            phase = Phase.RECOVERING;
            actions.recover();
        }
    }

    /**
     * Ends the reign for a clean stop: no further request is taken, the epoch's end goes to the
     * in-sync set.
     */
    public void close() {
        if (phase == Phase.SERVING && !inSync.changing()) {
            phase = Phase.CLOSING;
            actions.endEpoch(settings.nodeId());
        }
    }

    /** The resource has failed on this node and stays as it is. */
    public void fail(String why) {
        phase = Phase.STOPPED;
        detail = why;
        actions.stepDown();
    }

    // ---- inputs from peers

    public void onHello(int index, Hello hello) {
        Peer peer = peers.get(index);
        if (peer.link != hello.link()) {
            peer.reset();
            peer.link = hello.link();
            if (followed == index) {
                followEnded();
            }
        }
        peer.hello = hello;
        peer.node = hello.node();
        peer.movedNs = nowNs;
        if (peer.state == Peer.State.LOST) {
            peer.state = Peer.State.CONNECTED;
        }
        if (reigning() && hello.highestEpoch() > standing.highestEpoch()) {
            deposed(peer, hello);
        } else if (reigning() && hello.role() == Role.REPLICA) {
            join(peer, hello);
        }
        settle();
    }

    /** A primary tells this node to record its log. */
    public void onFollow(int index, long link, long epochNumber, long recordingId, long common) {
        Peer peer = peers.get(index);
        if (reigning()
                || phase == Phase.RECOVERING
                || phase == Phase.STOPPED
                || phase == Phase.FETCHING) {
            return;
        }
        if (epochNumber < standing.highestEpoch()
                || (phase == Phase.FOLLOWING && followed == index)) {
            return;
        }
        if (common < standing.applyLimit() || common > standing.logEnd()) {
            peer.state = Peer.State.DIVERGED;
            peer.detail = parted(peer, common);
            return;
        }
        candidate = false;
        phase = Phase.FOLLOWING;
        detail = "";
        followed = index;
        followedEpoch = epochNumber;
        peer.state = Peer.State.LIVE;
        told = 0;
        toldAppended = 0;
        toldHeardNs = nowNs;
        actions.follow(index, recordingId, common);
    }

    public void onRefusal(int index, Refusal refusal) {
        Peer peer = peers.get(index);
        peer.state =
                refusal.code() == Refusal.Code.DIVERGED ? Peer.State.DIVERGED : Peer.State.REFUSED;
        peer.detail = refusal.text();
    }

    /** A replica's acknowledgement. */
    public void onPositions(
            int index,
            long link,
            long epoch,
            long peerRecorded,
            long peerDurable,
            long peerCommitted,
            long peerApplied,
            long peerCheckpoint) {
        Peer peer = peers.get(index);
        if (link != peer.link
                || !reigning()
                || epoch != standing.highestEpoch()
                || !peer.following) {
            return;
        }
        if (peerRecorded > peer.recorded || peerDurable > peer.durable) {
            peer.movedNs = nowNs;
        }
        peer.recorded = Math.max(peer.recorded, peerRecorded);
        peer.durable = Math.max(peer.durable, peerDurable);
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
        toldAppended = Math.max(toldAppended, toldAppendedPosition);
        toldTimeNs = appendedTimeNs;
        toldHeardNs = nowNs;
        standing = withHighestEpoch(epoch);
        told = Math.max(told, toldCommitted);
        return true;
    }

    /** Nothing was heard of a peer for too long, or its process is another one. */
    public void onPeerLost(int index) {
        Peer peer = peers.get(index);
        peer.reset();
        if (index == followed && phase == Phase.FOLLOWING) {
            detail = "lost sight of " + peer.name();
        }
    }

    /** A replica stops by itself: replies need not wait for its timeout. */
    public void onLeave(int index) {
        peers.get(index).leaving = true;
    }

    // ---- inputs from this node

    /**
     * The recording that this node followed has ended, or does not move: start again from Hello.
     */
    public void followEnded() {
        if (phase == Phase.FOLLOWING || phase == Phase.FETCHING) {
            phase = Phase.RECOVERING;
            actions.recover();
        }
    }

    public void epochStarted(Actions.Started started) {
        standing =
                new Standing(
                        standing.logEnd(),
                        standing.applyLimit(),
                        committed,
                        started.epoch().number(),
                        standing.epochs().with(started.epoch()),
                        inSync.durable(),
                        null);
        serveFrom = started.endPosition();
        appliedBeforeServe = started.epoch().startPosition();
        for (Peer peer : peers) {
            peer.following = false;
        }
        actions.helloChanged();
        for (Peer peer : peers) {
            Hello hello = peer.hello;
            if (hello != null && hello.role() == Role.REPLICA) {
                join(peer, hello);
            }
        }
    }

    public void inSyncAppended(long end) {
        inSync.appended(end);
    }

    public void inSyncStored() {
        inSync.stored();
    }

    public void epochEnded(long end) {
        epochEnd = end;
        epochEndNs = nowNs;
    }

    /** A whole request, or an entry of the node's own, ends at this position. */
    public void requestAppended(long end) {
        appended = end;
        requestEnds.add(end);
    }

    /**
     * The oldest replies that wait: for recorded and for durable positions, and since when. 0 where
     * none waits.
     */
    public void waiting(
            long recordedPosition,
            long recordedSinceNs,
            long durablePosition,
            long durableSinceNs) {
        waitingRecorded = recordedPosition;
        waitingRecordedNs = recordedSinceNs;
        waitingDurable = durablePosition;
        waitingDurableNs = durableSinceNs;
    }

    /** A client was told that its request, which ends at this position, is done. */
    public void answered(long position) {
        clientAnswered = Math.max(clientAnswered, position);
    }

    /**
     * One step: the node's own positions and the time. Called once per duty cycle, after all input
     * was read.
     */
    public void step(long recordedHere, long durableHere, long appliedHere, long dutyNowNs) {
        nowNs = dutyNowNs;
        recorded = Math.max(recorded, recordedHere);
        durable = Math.max(durable, durableHere);
        if (!reigning()) {
            if (phase == Phase.FOLLOWING) {
                committed = Math.max(committed, Math.min(told, durable));
            }
            settle();
            return;
        }
        if (inSync.complete(durable, lowest(inSync.durable(), true))) {
            actions.helloChanged();
        }
        committed = requestEnds.takeUpTo(committable(), committed);
        if (phase == Phase.OPENING && committed >= serveFrom && appliedHere >= appliedBeforeServe) {
            phase = Phase.SERVING;
            detail = "";
            actions.serve();
        }
        for (int i = 0; i < peers.size(); i++) {
            watch(peers.get(i));
        }
        dropStrangers();
    }

    // ---- decisions

    private void settle() {
        if (phase != Phase.SETTLING) {
            return;
        }
        if (force) {
            open(List.of());
            return;
        }
        switch (Settlement.decide(settings, standing, peers, nowNs - askedSinceNs, fetchedTo)) {
            case Settlement.Open open -> open(open.inSync());
            case Settlement.WaitFor wait -> detail = wait.who();
            case Settlement.YieldTo yield -> {
                candidate = false;
                phase = Phase.WAITING;
                detail = yield.peer() + " has a later epoch";
                actions.helloChanged();
            }
            case Settlement.Fetch fetch -> {
                Hello hello = peers.get(fetch.peer()).hello;
                if (hello != null) {
                    fetchedTo[fetch.peer()] = hello.logEnd();
                    phase = Phase.FETCHING;
                    detail =
                            "positions "
                                    + standing.logEnd()
                                    + " to "
                                    + hello.logEnd()
                                    + " from "
                                    + hello.nodeName();
                    followed = fetch.peer();
                    actions.follow(fetch.peer(), hello.recordingId(), standing.logEnd());
                }
            }
        }
    }

    private void open(List<UUID> members) {
        long highest = standing.highestEpoch();
        for (Peer peer : peers) {
            if (peer.hello != null) {
                highest = Math.max(highest, peer.hello.highestEpoch());
            }
        }
        inSync.reset(members);
        phase = Phase.OPENING;
        detail = "";
        boolean forced = force;
        force = false;
        candidate = false;
        actions.openEpoch(
                new Actions.EpochPlan(
                        highest + 1,
                        forced,
                        standing.logEnd(),
                        Math.max(standing.logEnd(), toldAppended),
                        members));
    }

    /** A replica asks to be let in: find the common position (DESIGN section 5). */
    private void join(Peer peer, Hello hello) {
        if (peer.following) {
            return;
        }
        if (serveFrom == Long.MAX_VALUE) {
            return;
        }
        long common = standing.epochs().common(appended, hello.epochs(), hello.logEnd());
        if (hello.applyLimit() > common) {
            peer.state = Peer.State.DIVERGED;
            peer.detail = parted(peer, common);
            actions.sendRefusal(
                    peer.index(), new Refusal(Refusal.Code.DIVERGED, parted(peer, common)));
            return;
        }
        peer.following = true;
        peer.leaving = false;
        peer.recorded = 0;
        peer.durable = 0;
        peer.state = Peer.State.CATCH_UP;
        peer.detail = "";
        actions.sendFollow(peer.index(), common);
    }

    private void deposed(Peer peer, Hello hello) {
        long common = standing.epochs().common(appended, hello.epochs(), hello.logEnd());
        if (clientAnswered <= common) {
            actions.stepDown();
            standing = withHighestEpoch(hello.highestEpoch());
            candidate = false;
            phase = Phase.RECOVERING;
            actions.recover();
            return;
        }
        peer.state = Peer.State.DIVERGED;
        peer.detail = parted(peer, common);
    }

    private void watch(Peer peer) {
        UUID node = peer.node;
        if (peer.recorded >= appended) {
            peer.caughtUpNs = nowNs;
        }
        if (peer.following
                && peer.state == Peer.State.CATCH_UP
                && appended - peer.recorded <= settings.liveBytes()
                && peer.recorded > 0) {
            peer.state = Peer.State.LIVE;
        }
        if (inSync.changing() || phase == Phase.OPENING) {
            return;
        }
        if (node == null) {
            return;
        }
        if (!inSync.durable().contains(node)) {
            if (peer.state == Peer.State.LIVE
                    && !peer.leaving
                    && peer.durable >= committed
                    && appended - peer.recorded <= settings.liveBytes()
                    && phase == Phase.SERVING) {
                change(inSync.with(node));
            }
        } else if (inSync.effective().contains(node) && overdue(peer)) {
            change(inSync.without(node));
            peer.state = peer.hello == null ? Peer.State.LOST : Peer.State.CATCH_UP;
            peer.detail = "left the in-sync set at position " + peer.recorded;
        }
    }

    private boolean overdue(Peer peer) {
        if (peer.leaving) {
            return true;
        }
        if (settings.protocol() == Protocol.A) {
            return false;
        }
        return overdue(peer, peer.recorded < waitingRecorded, waitingRecordedNs)
                || (settings.protocol() == Protocol.C
                        && overdue(peer, peer.durable < waitingDurable, waitingDurableNs))
                || (phase == Phase.CLOSING && overdue(peer, peer.durable < epochEnd, epochEndNs));
    }

    private boolean overdue(Peer peer, boolean waits, long sinceNs) {
        return waits
                && (nowNs - Math.max(sinceNs, peer.movedNs) > settings.peerTimeoutNs()
                        || nowNs - sinceNs > 4 * settings.peerTimeoutNs());
    }

    /** A member whose node no longer exists under that identity can never acknowledge anything. */
    private void dropStrangers() {
        if (inSync.changing() || phase == Phase.OPENING) {
            return;
        }
        for (UUID member : inSync.effective()) {
            if (indexOf(member) < 0) {
                change(inSync.without(member));
                return;
            }
        }
    }

    private int indexOf(UUID node) {
        for (int i = 0; i < peers.size(); i++) {
            if (node.equals(peers.get(i).node)) {
                return i;
            }
        }
        return -1;
    }

    private void change(List<UUID> members) {
        inSync.begin(members);
        actions.appendInSyncSet(members);
    }

    private long replicated(boolean durablePositions) {
        long here = durablePositions ? durable : recorded;
        if (settings.protocol() == Protocol.A) {
            return here;
        }
        return Math.min(here, lowest(inSync.effective(), durablePositions));
    }

    /**
     * While the set changes, committed waits for the old and the new one: no member ever finds
     * committed ahead of it.
     */
    private long committable() {
        if (settings.protocol() == Protocol.A) {
            return durable;
        }
        long both = Math.min(lowest(inSync.effective(), true), lowest(inSync.durable(), true));
        return Math.min(durable, both);
    }

    private long lowest(List<UUID> members, boolean durablePositions) {
        long lowest = Long.MAX_VALUE;
        for (int i = 0; i < members.size(); i++) {
            int index = indexOf(members.get(i));
            if (index < 0 || !peers.get(index).following) {
                return 0;
            }
            Peer peer = peers.get(index);
            lowest = Math.min(lowest, durablePositions ? peer.durable : peer.recorded);
        }
        return lowest;
    }

    private String parted(Peer peer, long common) {
        return "the logs of "
                + settings.node()
                + " and "
                + peer.name()
                + " part at position "
                + common
                + " and both sides may hold what was answered beyond it";
    }

    private Standing withHighestEpoch(long highest) {
        if (highest <= standing.highestEpoch()) {
            return standing;
        }
        return new Standing(
                standing.logEnd(),
                standing.applyLimit(),
                standing.committed(),
                highest,
                standing.epochs(),
                standing.inSync(),
                standing.heir());
    }

    // ---- what others read

    /** Whether this node appends. */
    public boolean reigning() {
        return phase == Phase.OPENING || phase == Phase.SERVING || phase == Phase.CLOSING;
    }

    /** Plain requests that end at or below this position may be answered (I4). */
    public long answeredRecorded() {
        return replicated(false);
    }

    /** FLUSH and FUA that end at or below this position may be answered (I4). */
    public long answeredDurable() {
        return switch (settings.protocol()) {
            case A -> durable;
            case B -> Math.min(durable, replicated(false));
            case C -> replicated(true);
        };
    }

    /** The tide mark. */
    public long committed() {
        return committed;
    }

    /**
     * Position up to which an in-sync change, an epoch's start or end waits for a sync, 0 if
     * nothing does.
     */
    public long ownSyncNeeded() {
        long needed = 0;
        if (phase == Phase.OPENING && serveFrom != Long.MAX_VALUE) {
            needed = serveFrom;
        }
        if (phase == Phase.CLOSING && epochEnd != Long.MAX_VALUE) {
            needed = epochEnd;
        }
        if (inSync.changing() && inSync.changeEnd() != Long.MAX_VALUE) {
            needed = Math.max(needed, inSync.changeEnd());
        }
        return needed;
    }

    /** Whether the epoch's end is durable wherever it must be. */
    public boolean closed() {
        return phase == Phase.CLOSING && committed >= epochEnd;
    }

    public Phase phase() {
        return phase;
    }

    public Role role() {
        if (reigning()) {
            return Role.PRIMARY;
        }
        return candidate ? Role.CANDIDATE : Role.REPLICA;
    }

    public String detail() {
        return detail;
    }

    public Standing standing() {
        return standing;
    }

    public List<Peer> peers() {
        return peers;
    }

    public List<UUID> effectiveInSync() {
        return inSync.effective();
    }

    public List<UUID> durableInSync() {
        return inSync.durable();
    }

    /** Epoch number that this node appends in or follows, 0 if neither. */
    public long epoch() {
        return phase == Phase.FOLLOWING ? followedEpoch : standing.highestEpoch();
    }

    /**
     * Whether a promotion needs force: this node is not the one that may open the next epoch by
     * itself.
     */
    public boolean needsForce() {
        UUID entitled = Settlement.entitled(standing);
        return phase == Phase.FOLLOWING
                || (entitled != null && !entitled.equals(settings.nodeId()))
                || phase == Phase.SETTLING;
    }

    /** Index of the followed peer, -1 if none. */
    public int followed() {
        return phase == Phase.FOLLOWING || phase == Phase.FETCHING ? followed : -1;
    }

    /** Replica: the primary's appended position as last heard; 0 if never. */
    public long toldAppended() {
        return toldAppended;
    }

    /** Replica: duty-clock time of the last word from the primary. */
    public long toldHeardNs() {
        return toldHeardNs;
    }

    /** Replica: time of the entry at {@link #toldAppended}, nanoseconds since the Unix epoch. */
    public long toldTimeNs() {
        return toldTimeNs;
    }

    /** Where a fetch ends. */
    public long fetchTarget() {
        return phase == Phase.FETCHING ? fetchedTo[followed] : 0;
    }
}
