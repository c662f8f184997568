package io.tidemark.journal.replication;

import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One state machine, node 1, and what it hears from nodes 2 and 3, its peers 0 and 1, in words that
 * tests are written in.
 */
final class Exchange {
    static final long SECOND = 1_000_000_000L;
    static final UUID ME = new UUID(0, 1);
    static final UUID PEER = new UUID(0, 2);
    static final UUID OTHER = new UUID(0, 3);

    final FakeActions actions = new FakeActions();
    final ReplicationState state;
    long now;
    private long recorded;
    private long durable;
    private long applied;

    Exchange(Protocol protocol, int peers) {
        state =
                new ReplicationState(
                        new ReplicationSettings(
                                "r0",
                                "n1",
                                ME,
                                List.of("n2", "n3").subList(0, peers),
                                protocol,
                                2 * SECOND,
                                10 * SECOND,
                                SECOND,
                                10_000),
                        actions,
                        1_000);
    }

    static EpochIdentity epoch(long number, long start, UUID node) {
        return new EpochIdentity(number, start, start + number, node, new UUID(number, 0));
    }

    static EpochHistory history(EpochIdentity... epochs) {
        return new EpochHistory(List.of(epochs));
    }

    static Standing standing(
            long end, EpochHistory epochs, List<UUID> inSync, @Nullable UUID heir) {
        return new Standing(end, 0, 0, epochs.lastNumber(), epochs, inSync, heir);
    }

    void recover(boolean asPrimary, Standing standing) {
        state.start(asPrimary);
        recovered(standing);
    }

    void recovered(Standing standing) {
        recorded = standing.logEnd();
        durable = standing.logEnd();
        actions.asked.remove("recover");
        state.recovered(standing);
    }

    /** The primary of epoch 1 with these peers in sync, at position 100. */
    static Exchange serving(Protocol protocol, int peers) {
        Exchange exchange = new Exchange(protocol, peers);
        exchange.recover(true, standing(0, EpochHistory.EMPTY, List.of(), null));
        for (int i = 0; i < peers; i++) {
            exchange.hello(i, 1, Role.REPLICA, 0, 0, EpochHistory.EMPTY);
        }
        exchange.openAsPlanned(100);
        for (int i = 0; i < peers; i++) {
            exchange.hello(i, 1, Role.REPLICA, 0, 0, EpochHistory.EMPTY);
        }
        exchange.disk(100, 100);
        exchange.step();
        for (int i = 0; i < peers; i++) {
            exchange.join(i);
        }
        exchange.actions.take();
        return exchange;
    }

    void openAsPlanned(long end) {
        Actions.EpochPlan plan = actions.planned();
        EpochIdentity epoch = epoch(plan.number(), state.standing().logEnd(), ME);
        state.requestAppended(end);
        recorded = end;
        state.epochStarted(new Actions.Started(epoch, end));
    }

    /** A replica that holds everything becomes in-sync; its entry takes no room here. */
    void join(int peer) {
        positions(peer, recorded, durable);
        step();
        appendSet();
        state.reign().inSyncStored();
        positions(peer, recorded, durable);
        step();
    }

    void appendSet() {
        state.reign().inSyncAppended(recorded);
    }

    void hello(int peer, long link, Role role, long end, long applyLimit, EpochHistory epochs) {
        state.onHello(
                peer, helloOf(peer, link, role, end, applyLimit, epochs, epochs.lastNumber()));
    }

    static Hello helloOf(
            int peer,
            long link,
            Role role,
            long end,
            long applyLimit,
            EpochHistory epochs,
            long highest) {
        return new Hello(
                link,
                0,
                new UUID(0, peer + 2),
                "n" + (peer + 2),
                null,
                "r0",
                null,
                0,
                7,
                0,
                end,
                end,
                applyLimit,
                applyLimit,
                highest,
                null,
                role,
                link,
                epochs,
                List.of());
    }

    /** A replica's Hello over the same link for a further attempt. */
    static Hello again(int peer, long link, long attempt, long end, EpochHistory epochs) {
        return new Hello(
                link,
                0,
                new UUID(0, peer + 2),
                "n" + (peer + 2),
                null,
                "r0",
                null,
                0,
                7,
                0,
                end,
                end,
                0,
                0,
                epochs.lastNumber(),
                null,
                Role.REPLICA,
                attempt,
                epochs,
                List.of());
    }

    void positions(int peer, long peerRecorded, long peerDurable) {
        state.onPositions(
                peer,
                state.peers().get(peer).attempt,
                state.epoch(),
                peerRecorded,
                peerDurable,
                0,
                0,
                0);
    }

    /** A primary tells this node to follow, for its present attempt. */
    void follow(int peer, long epochNumber, long common) {
        state.onFollow(
                peer, state.attempt(), epochNumber, 7, common, state.standing().applyLimit());
    }

    void append(long end) {
        state.requestAppended(end);
        recorded = end;
    }

    void disk(long recordedHere, long durableHere) {
        recorded = recordedHere;
        durable = durableHere;
    }

    void applied(long position) {
        applied = position;
    }

    void step() {
        state.step(recorded, durable, applied, false, now);
    }

    void after(long ns) {
        now += ns;
        step();
    }
}
