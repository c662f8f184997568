package io.tidemark.journal.replication;

import java.util.List;
import java.util.UUID;

/**
 * Decides who joins and who leaves the in-sync set (I6). A member is overdue when something waits
 * for it and its position has not moved for the peer timeout, or when something has waited for four
 * times that. Data thread only.
 */
final class InSyncWatch {
    private final ReplicationSettings settings;
    private final Peers peers;
    private long waitingRecorded;
    private long waitingRecordedNs;
    private long waitingDurable;
    private long waitingDurableNs;
    private long crowdedSinceNs = -1;

    InSyncWatch(ReplicationSettings settings, Peers peers) {
        this.settings = settings;
        this.peers = peers;
    }

    /** The oldest replies that wait, 0 where none does. */
    void waiting(
            long recordedPosition,
            long recordedSinceNs,
            long durablePosition,
            long durableSinceNs) {
        waitingRecorded = recordedPosition;
        waitingRecordedNs = recordedSinceNs;
        waitingDurable = durablePosition;
        waitingDurableNs = durableSinceNs;
    }

    /**
     * Whether requests are held back because too much is unapplied: then everything waits for
     * committed.
     */
    void crowded(boolean whether, long nowNs) {
        if (!whether) {
            crowdedSinceNs = -1;
        } else if (crowdedSinceNs < 0) {
            crowdedSinceNs = nowNs;
        }
    }

    /**
     * The set as it should be, or null if it is right or a change is best left to complete.
     *
     * @param ownWait position that the node itself waits for (epoch start or end), 0 if none
     * @param mayJoin whether replicas may be let in now
     */
    @org.jspecify.annotations.Nullable
    List<UUID> wanted(
            InSyncSet set,
            Promises promises,
            long ownWait,
            long ownWaitNs,
            boolean mayJoin,
            long nowNs) {
        for (int i = 0; i < set.effective().size(); i++) {
            if (peers.indexOf(set.effective().get(i)) < 0
                    && set.durable().contains(set.effective().get(i))) {
                // A node that no longer exists under that identity can never acknowledge anything.
                return set.without(set.effective().get(i));
            }
        }
        for (int i = 0; i < peers.size(); i++) {
            Peer peer = peers.get(i);
            UUID node = peer.node;
            if (node == null) {
                continue;
            }
            if (set.durable().contains(node)) {
                if (overdue(peer, set, promises, ownWait, ownWaitNs, nowNs)) {
                    peer.detail = "left the in-sync set at position " + peer.recorded;
                    peer.leftAt = promises.appended();
                    if (peer.state == Peer.State.LIVE) {
                        peer.state = Peer.State.CATCH_UP;
                    }
                    return set.without(node);
                }
            } else if (mayJoin && !set.changing() && ready(peer, promises)) {
                peer.detail = "";
                return set.with(node);
            }
        }
        return null;
    }

    /**
     * Live is enough to begin: committed stands until the joiner has the change's entry durable,
     * and with it all that was committed before (I6). One that left must first make durable what
     * was appended then, or a dead one would be let in again and again.
     */
    private boolean ready(Peer peer, Promises promises) {
        return peer.state == Peer.State.LIVE
                && peer.following
                && !peer.leaving
                && peer.durable >= peer.leftAt
                && promises.appended() - peer.recorded <= settings.liveBytes();
    }

    private boolean overdue(
            Peer peer, InSyncSet set, Promises promises, long ownWait, long ownWaitNs, long nowNs) {
        if (peer.leaving) {
            return true;
        }
        if (changeOverdue(peer, set, nowNs)) {
            return true;
        }
        if (settings.protocol() == Protocol.A) {
            // Nothing waits for it, so only a link that is lost tells.
            return peer.state == Peer.State.LOST;
        }
        boolean flushesWaitForDurable = settings.protocol() == Protocol.C;
        long recordedSince = peer.recordedMovedNs;
        long durableSince = peer.durableMovedNs;
        return late(peer.recorded < waitingRecorded, waitingRecordedNs, recordedSince, nowNs)
                || (flushesWaitForDurable
                        ? late(peer.durable < waitingDurable, waitingDurableNs, durableSince, nowNs)
                        : late(
                                peer.recorded < waitingDurable,
                                waitingDurableNs,
                                recordedSince,
                                nowNs))
                || late(peer.durable < ownWait, ownWaitNs, durableSince, nowNs)
                || (crowdedSinceNs >= 0
                        && late(
                                peer.durable < promises.durable(),
                                crowdedSinceNs,
                                durableSince,
                                nowNs));
    }

    private boolean changeOverdue(Peer peer, InSyncSet set, long nowNs) {
        return set.changing()
                && set.changeEnd() != Long.MAX_VALUE
                && late(peer.durable < set.changeEnd(), set.changeNs(), peer.durableMovedNs, nowNs);
    }

    private boolean late(boolean waits, long sinceNs, long movedNs, long nowNs) {
        return waits
                && (nowNs - Math.max(sinceNs, movedNs) > settings.peerTimeoutNs()
                        || nowNs - sinceNs > 4 * settings.peerTimeoutNs());
    }
}
