package io.tidemark.journal.replication;

import java.util.List;

/**
 * Tells peers how far this node is: a replica its acknowledgements, at once when they move; a
 * primary the tide mark, at once when somebody waits for a sync, else a little later. Data thread
 * only; allocates nothing.
 */
final class Bulletin {
    /** What has not moved is repeated this often, in case it was lost. */
    private static final long REPEAT_NS = 200_000_000L;

    /** Replicas apply lazily: the mark may gather for a while. */
    private static final long COMMIT_INTERVAL_NS = 5_000_000L;

    /** A peer that takes nothing must not be asked in every cycle. */
    private static final long RESEND_NS = 1_000_000L;

    private final int resourceKey;
    private final PeerLinks links;
    private final ReplicationState state;
    private final CommitMessage told = new CommitMessage();
    private boolean unsent;
    private long toldNs;
    private long sentRecorded = -1;
    private long sentDurable = -1;
    private long sentNs;

    Bulletin(int resourceKey, PeerLinks links, ReplicationState state) {
        this.resourceKey = resourceKey;
        this.links = links;
        this.state = state;
    }

    /** Another log or another peer begins: everything is news. */
    void reset() {
        told.syncTo = 0;
        told.committed = 0;
        sentRecorded = -1;
        sentDurable = -1;
    }

    /** Replica: the acknowledgement. */
    int tellPrimary(
            int peer, long recorded, long durable, long applied, long checkpoint, long nowNs) {
        boolean moved = recorded != sentRecorded || durable != sentDurable;
        if ((!moved && nowNs - sentNs < REPEAT_NS)
                || !links.link(peer)
                        .sendPositions(
                                nowNs,
                                resourceKey,
                                state.attempt(),
                                state.epoch(),
                                recorded,
                                durable,
                                state.committed(),
                                applied,
                                checkpoint)) {
            return 0;
        }
        sentRecorded = recorded;
        sentDurable = durable;
        sentNs = nowNs;
        return moved ? 1 : 0;
    }

    /**
     * Primary: the tide mark.
     *
     * @param next filled in by the caller but for epoch and committed
     */
    int tellReplicas(CommitMessage next, long nowNs) {
        boolean syncMoved = next.syncTo > told.syncTo && (!unsent || nowNs - toldNs >= RESEND_NS);
        boolean commitMoved =
                state.committed() > told.committed && nowNs - toldNs >= COMMIT_INTERVAL_NS;
        if (!syncMoved && !commitMoved && nowNs - toldNs < REPEAT_NS) {
            return 0;
        }
        next.epoch = state.epoch();
        next.committed = state.committed();
        toldNs = nowNs;
        List<Peer> all = state.peers();
        boolean sent = true;
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).following) {
                sent &= links.link(i).sendCommit(nowNs, resourceKey, next);
            }
        }
        // A client's FLUSH may wait for it: what could not be sent is sent again soon.
        unsent = !sent;
        told.syncTo = sent ? next.syncTo : 0;
        told.committed = next.committed;
        return syncMoved || commitMoved ? 1 : 0;
    }
}
