package io.tidemark.journal.replication;

import java.util.ArrayDeque;
import java.util.Deque;

/** The clients of a node of the simulation: they write, and wait for replies. */
final class SimClients {
    private static final long LIMIT = 6_000;

    /** A request that waits for its reply. */
    private record Waiting(long end, long sinceNs, boolean durable) {}

    private final SimNode node;
    private final Simulation world;
    private final SimDisk disk;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private boolean served;

    SimClients(SimNode node, Simulation world) {
        this.node = node;
        this.world = world;
        this.disk = node.disk;
    }

    void serve() {
        served = true;
    }

    /** Connections are closed without replies. */
    void disconnect() {
        served = false;
        waiting.clear();
    }

    /** The node's process starts. */
    void forget() {
        waiting.clear();
    }

    /** Whether the log may not grow any more, because too much of it is not applied. */
    boolean crowded() {
        return disk.log.end() - disk.applied >= LIMIT;
    }

    /**
     * Writes something now and then.
     *
     * @return position up to which a client waits for durability, 0 if none does anew
     */
    long write(long nowNs) {
        long syncWanted = 0;
        if (served
                && node.state.phase() == Phase.SERVING
                && disk.log.end() - disk.applied < LIMIT
                && world.writes()) {
            disk.log.write(
                    1 + world.random.nextInt(3),
                    32 * (3 + world.random.nextInt(10)),
                    world.random.nextInt());
            boolean durable = world.random.nextInt(3) == 0;
            if (durable) {
                syncWanted = disk.log.end();
            }
            node.clientEnd = disk.log.end();
            node.state.requestAppended(disk.log.end());
            waiting.add(new Waiting(disk.log.end(), nowNs, durable));
        }
        long[] oldest = new long[4];
        for (Waiting w : waiting) {
            int at = w.durable() ? 2 : 0;
            if (oldest[at] == 0) {
                oldest[at] = w.end();
                oldest[at + 1] = w.sinceNs();
            }
        }
        node.state.reign().waiting(oldest[0], oldest[1], oldest[2], oldest[3]);
        return syncWanted;
    }

    /** Answers what may be answered. */
    void answer() {
        ReplicationState state = node.state;
        if (!state.reigning()) {
            return;
        }
        waiting.removeIf(
                w -> {
                    boolean may =
                            w.end()
                                    <= (w.durable()
                                            ? state.answeredDurable()
                                            : state.answeredRecorded());
                    if (may) {
                        state.reign().answered(w.end());
                        world.answered(node, w.end(), w.durable());
                    }
                    return may;
                });
    }
}
