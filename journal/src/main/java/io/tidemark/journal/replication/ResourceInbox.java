package io.tidemark.journal.replication;

import io.tidemark.journal.epoch.EpochHistory;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** What peers say about one resource, handed to its state machine. Data thread only. */
final class ResourceInbox implements ResourceMessages {
    private final ResourceAgent agent;
    private final ReplicationState state;
    private final HelloSource hellos;
    private final LogControl log;
    private final JournalRoom room;
    private final Projection projection;
    private final SyncDemand demand;
    private final Mending mending;
    private @Nullable EpochHistory followEpochs;

    ResourceInbox(
            ResourceAgent agent,
            HelloSource hellos,
            LogControl log,
            JournalRoom room,
            Projection projection,
            SyncDemand demand,
            Mending mending) {
        this.agent = agent;
        this.state = agent.state();
        this.hellos = hellos;
        this.log = log;
        this.room = room;
        this.projection = projection;
        this.demand = demand;
        this.mending = mending;
    }

    @Override
    public int resourceKey() {
        return agent.config().key();
    }

    @Override
    public @Nullable Hello hello(long link, long echo) {
        return hellos.hello(link, echo, agent.appended(), agent.durable());
    }

    @Override
    public void onHello(int peer, Hello hello) {
        Refusal refusal = hellos.refusal(hello, agent.appended(), agent.durable());
        if (refusal != null) {
            state.onRefusal(peer, refusal);
            agent.sendRefusal(peer, refusal);
            return;
        }
        state.onHello(peer, hello);
    }

    @Override
    public void onFollow(
            int peer,
            long attempt,
            long epoch,
            long recordingId,
            long common,
            @Nullable EpochHistory epochs) {
        if (!log.quiet() || attempt != state.attempt()) {
            return;
        }
        if (!room.mayFollow()) {
            if (room.full()) {
                agent.sendRefusal(peer, room.refusal());
            }
        } else {
            followEpochs = epochs;
            state.onFollow(
                    peer,
                    attempt,
                    epoch,
                    recordingId,
                    common,
                    projection.superblock().applyLimit());
        }
    }

    /**
     * Epochs of the log of a peer that this node begins to record, from the common position on;
     * null if the peer did not tell.
     */
    @Nullable EpochHistory followEpochs(int peer) {
        if (state.phase() == Phase.FOLLOWING) {
            return followEpochs;
        }
        Hello hello = state.peers().get(peer).hello;
        return hello == null ? null : hello.epochs();
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
            demand.want(syncTo);
        }
    }

    @Override
    public void onRefusal(int peer, Refusal refusal) {
        if (refusal.code() == Refusal.Code.STOPPED) {
            // What it said before it stopped counts no more, and nothing comes from it.
            state.onPeerLost(peer);
        }
        state.onRefusal(peer, refusal);
    }

    @Override
    public void onLeave(int peer) {
        state.onLeave(peer);
    }

    @Override
    public void onRangeRequest(int peer, RangeRequest request) {
        mending.answers().onRequest(peer, request);
    }

    @Override
    public void onRangeData(
            int peer, long request, long from, DirectBuffer bytes, int offset, int length) {
        mending.onData(peer, request, from, bytes, offset, length);
    }

    @Override
    public void onRangeRefusal(int peer, long request, String text) {
        mending.onRefusal(peer, request, text);
    }

    @Override
    public void onPeerLost(int peer) {
        state.onPeerLost(peer);
    }
}
