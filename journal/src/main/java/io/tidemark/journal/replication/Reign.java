package io.tidemark.journal.replication;

import io.tidemark.journal.epoch.EpochHistory;
import java.util.List;
import java.util.UUID;

/**
 * A primary's side of the state machine: the replicas it lets in, the in-sync set, and the
 * conditions for serving and for having ended. Pure like the rest; data thread only.
 */
public final class Reign {
    /** How often a Follow or a Hello is repeated until the other side reacts. */
    private static final long RETRY_NS = 500_000_000L;

    /**
     * A follower that has acknowledged nothing for so long is none; more than a lost link takes.
     */
    private static final long SILENT_NS = 5_000_000_000L;

    private final ReplicationSettings settings;
    private final Actions actions;
    private final Peers peers;
    private final Promises promises;
    private final InSyncWatch watch;
    private InSyncSet inSync = new InSyncSet(List.of());
    private long startEnd = Long.MAX_VALUE;
    private long startNs;
    private long appliedBeforeServe;
    private long endEnd = Long.MAX_VALUE;
    private long endNs;
    private long clientAnswered;

    Reign(ReplicationSettings settings, Actions actions, Peers peers, Promises promises) {
        this.settings = settings;
        this.actions = actions;
        this.peers = peers;
        this.promises = promises;
        this.watch = new InSyncWatch(settings, peers);
    }

    /** There is no reign now; the set is what the log says. */
    InSyncSet rest(List<UUID> remembered) {
        inSync = new InSyncSet(remembered);
        over();
        return inSync;
    }

    /** The reign is over. */
    void over() {
        startEnd = Long.MAX_VALUE;
        endEnd = Long.MAX_VALUE;
    }

    /** An epoch is being opened with this set. */
    void opening(List<UUID> members) {
        inSync.reset(members);
        over();
        for (Peer peer : peers.all()) {
            peer.leftAt = 0;
        }
    }

    /** Its start lies in the log. */
    void started(Actions.Started started, long nowNs) {
        startEnd = started.endPosition();
        startNs = nowNs;
        appliedBeforeServe = started.epoch().startPosition();
        clientAnswered = 0;
    }

    boolean hasStarted() {
        return startEnd != Long.MAX_VALUE;
    }

    void ended(long end, long nowNs) {
        endEnd = end;
        endNs = nowNs;
    }

    /** Whether the epoch's end is durable wherever it must be. */
    public boolean hasEnded() {
        return !inSync.changing() && promises.committed() >= endEnd;
    }

    /** A client was told that its request, which ends at this position, is done. */
    public void answered(long position) {
        clientAnswered = Math.max(clientAnswered, position);
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
        watch.waiting(recordedPosition, recordedSinceNs, durablePosition, durableSinceNs);
    }

    /**
     * The entry of the new in-sync set ends here. An epoch's end before it is none any more: it
     * counts only as the log's last entry, and is appended again.
     */
    public void inSyncAppended(long end) {
        inSync.appended(end);
        endEnd = Long.MAX_VALUE;
    }

    /** The superblock has the new in-sync set. */
    public void inSyncStored() {
        inSync.stored();
    }

    /** Whether a client was answered something beyond this position. */
    private boolean answeredBeyond(long position) {
        return clientAnswered > position;
    }

    /** Members that replies wait for. */
    public List<UUID> effectiveInSync() {
        return inSync.effective();
    }

    /** Members as the log has them, or will have when a change is appended. */
    public List<UUID> durableInSync() {
        return inSync.durable();
    }

    InSyncSet inSync() {
        return inSync;
    }

    InSyncWatch watch() {
        return watch;
    }

    /** Positions have moved: what is committed, and whether a change of the set is in force now. */
    void commit() {
        if (inSync.complete(promises.durable(), peers.lowest(inSync.durable(), true))) {
            actions.helloChanged();
        }
        promises.commit();
    }

    /** Whether clients may be served: the start is committed and all that is older is applied. */
    boolean mayServe(long applied) {
        return !inSync.changing()
                && promises.committed() >= startEnd
                && applied >= appliedBeforeServe;
    }

    /**
     * A peer says where it stands, while this node reigns: one with a later epoch deposes it, one
     * that claims this very epoch, or one that was opened when this node had answered more, has
     * parted from it, a replica is let in.
     *
     * @return whether this reign is over
     */
    boolean deposedBy(Peer peer, Hello hello, EpochHistory epochs, long nowNs) {
        boolean later = hello.epochs().lastNumber() > epochs.lastNumber();
        boolean same = hello.epochs().lastNumber() == epochs.lastNumber();
        if (hello.role() == Role.REPLICA && !later) {
            join(peer, hello, epochs, nowNs);
            return false;
        }
        long common = epochs.common(promises.appended(), hello.epochs(), hello.logEnd());
        if (later && !answeredBeyond(common)) {
            return true;
        }
        if (peer.attempt != hello.attempt()) {
            peer.stopFollowing();
        }
        // It may not know yet who reigns, and from whom it has parted.
        sayAgain(peer, nowNs);
        if (later || (hello.role() == Role.PRIMARY && (same || hello.logEnd() > common))) {
            part(peer, common);
            if (hello.role() == Role.REPLICA) {
                actions.sendRefusal(peer.index(), new Refusal(Refusal.Code.DIVERGED, peer.detail));
            }
        }
        return false;
    }

    /** A replica asks to be let in: find the common position (DESIGN section 5). */
    private void join(Peer peer, Hello hello, EpochHistory epochs, long nowNs) {
        if (!hasStarted()) {
            return;
        }
        if (peer.following && peer.attempt == hello.attempt()) {
            if (!peer.acknowledged) {
                actions.sendFollow(peer.index(), peer.attempt, peer.common);
            }
            return;
        }
        long common = epochs.common(promises.appended(), hello.epochs(), hello.logEnd());
        if (hello.applyLimit() > common) {
            part(peer, common);
            actions.sendRefusal(peer.index(), new Refusal(Refusal.Code.DIVERGED, peer.detail));
            return;
        }
        peer.startFollowing(hello.attempt(), common, nowNs);
        actions.sendFollow(peer.index(), hello.attempt(), common);
    }

    /**
     * The peer's log goes another way from this position on, and that cannot be mended without a
     * decision.
     */
    void part(Peer peer, long common) {
        peer.stopFollowing();
        peer.state = Peer.State.DIVERGED;
        peer.detail = parted(peer, common);
    }

    /** Looks after all peers, then at the set. */
    void attend(Phase phase, long nowNs) {
        for (int i = 0; i < peers.size(); i++) {
            attend(peers.get(i), nowNs);
        }
        if (hasStarted() && !hasEnded()) {
            watchSet(phase, nowNs);
        }
    }

    private void attend(Peer peer, long nowNs) {
        if (peer.recorded >= promises.appended()) {
            peer.caughtUpNs = nowNs;
        }
        if (!peer.following) {
            Hello hello = peer.hello;
            if (hello != null && hello.role() != Role.CANDIDATE) {
                askAgain(peer, nowNs);
            }
            return;
        }
        if (!peer.acknowledged && nowNs - peer.followSentNs >= RETRY_NS) {
            peer.followSentNs = nowNs;
            actions.sendFollow(peer.index(), peer.attempt, peer.common);
        }
        if (peer.acknowledged && nowNs - peer.acknowledgedNs > SILENT_NS) {
            // It says where it is all the time, so it does not follow any more.
            peer.stopFollowing();
        } else if (peer.state == Peer.State.CATCH_UP
                && peer.acknowledged
                && promises.appended() - peer.recorded <= settings.liveBytes()) {
            peer.state = Peer.State.LIVE;
        }
    }

    /**
     * Says Hello again to those that this node waits for: a replica for who reigns, a candidate for
     * everybody.
     */
    void askAgain(Phase phase, long nowNs) {
        for (int i = 0; i < peers.size(); i++) {
            Hello hello = peers.get(i).hello;
            if (hello != null
                    && (phase == Phase.SETTLING
                            || (phase == Phase.WAITING && hello.role() == Role.PRIMARY))) {
                askAgain(peers.get(i), nowNs);
            }
        }
    }

    /** A Hello got lost, or the answer to it: nothing else would bring the two together. */
    void askAgain(Peer peer, long nowNs) {
        if (peer.state == Peer.State.CONNECTED) {
            sayAgain(peer, nowNs);
        }
    }

    private void sayAgain(Peer peer, long nowNs) {
        if (nowNs - peer.followSentNs >= RETRY_NS) {
            peer.followSentNs = nowNs;
            actions.sendHello(peer.index());
        }
    }

    private void watchSet(Phase phase, long nowNs) {
        long ownWait = 0;
        long ownWaitNs = 0;
        if (phase == Phase.OPENING) {
            ownWait = startEnd;
            ownWaitNs = startNs;
        } else if (phase == Phase.CLOSING && endEnd != Long.MAX_VALUE) {
            ownWait = endEnd;
            ownWaitNs = endNs;
        }
        List<UUID> wanted =
                watch.wanted(inSync, promises, ownWait, ownWaitNs, phase == Phase.SERVING, nowNs);
        if (wanted != null) {
            change(wanted, nowNs);
        }
    }

    void change(List<UUID> members, long nowNs) {
        inSync.begin(members, nowNs);
        actions.appendInSyncSet(members);
    }

    String parted(Peer peer, long common) {
        return "the logs of "
                + settings.node()
                + " and "
                + peer.name()
                + " part at position "
                + common
                + " and both sides may hold what was answered beyond it";
    }
}
