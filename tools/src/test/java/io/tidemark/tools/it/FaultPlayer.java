package io.tidemark.tools.it;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Plays faults on the nodes of a cluster, and sees to it that both run again afterwards. Waits are
 * part of the faults (how long a node is frozen), not of the checks. Test thread only.
 */
final class FaultPlayer {
    private static final int AGAIN = 4;

    private final Cluster cluster;
    private final SplittableRandom random;
    private NodeProcess primary;
    private NodeProcess replica;

    /** Alpha is the primary. */
    FaultPlayer(Cluster cluster, SplittableRandom random) {
        this.cluster = cluster;
        this.random = random;
        this.primary = cluster.alpha();
        this.replica = cluster.beta();
    }

    NodeProcess primary() {
        return primary;
    }

    NodeProcess replica() {
        return replica;
    }

    /** On return both nodes have been started again, but need not be in sync yet. */
    void play(Fault fault, List<SectorWriter> writers) throws Exception {
        switch (fault) {
            case PRIMARY_KILLED -> killAndStart(primary);
            case REPLICA_KILLED -> killAndStart(replica);
            case BOTH_KILLED -> {
                killBoth();
                startBoth();
            }
            case REPLICA_LOST_THEN_PRIMARY_KILLED -> {
                replica.kill();
                awaitAlone();
                primary.kill();
                startBoth();
            }
            case PRIMARY_KILLED_REPLICA_PROMOTED -> {
                primary.kill();
                cluster.promote(replica);
                primary.start(random.nextBoolean() ? "primary" : "node");
                swap();
            }
            case PRIMARY_FROZEN_REPLICA_PROMOTED -> {
                primary.signal("STOP");
                cluster.promote(replica);
                primary.signal("CONT");
                swap();
            }
            case PRIMARY_KILLED_AGAIN_AND_AGAIN -> killAgainAndAgain(primary);
            case REPLICA_KILLED_AGAIN_AND_AGAIN -> killAgainAndAgain(replica);
            case REPLICA_PAUSED -> freeze(replica, Fault.PAUSE);
            case REPLICA_FROZEN -> freeze(replica, Fault.FREEZE);
            case PRIMARY_PAUSED -> freeze(primary, Fault.PAUSE);
            case PRIMARY_FROZEN -> freeze(primary, Fault.FREEZE);
            case PRIMARY_FROZEN_CLIENTS_GONE -> {
                primary.signal("STOP");
                for (SectorWriter writer : writers) {
                    writer.abort();
                }
                primary.signal("CONT");
            }
            case BOTH_FROZEN_REPLICA_KILLED -> {
                replica.signal("STOP");
                primary.signal("STOP");
                Thread.sleep(Fault.PAUSE);
                replica.kill();
                primary.signal("CONT");
                replica.start("node");
            }
            case PRIMARY_STOPPED -> {
                primary.stop();
                primary.start("node");
            }
            case REPLICA_STOPPED -> {
                replica.stop();
                replica.start("node");
            }
            case BOTH_STOPPED -> {
                primary.stop();
                replica.stop();
                startBoth();
            }
        }
    }

    private void killAndStart(NodeProcess node) throws IOException, InterruptedException {
        node.kill();
        Thread.sleep(random.nextInt(300));
        node.start("node");
    }

    private void killBoth() throws Exception {
        boolean primaryFirst = random.nextBoolean();
        NodeProcess first = primaryFirst ? primary : replica;
        NodeProcess second = primaryFirst ? replica : primary;
        first.signal("KILL");
        Thread.sleep(random.nextInt(3) * 20L);
        second.signal("KILL");
        first.kill();
        second.kill();
    }

    private void startBoth() throws IOException {
        boolean primaryFirst = random.nextBoolean();
        (primaryFirst ? primary : replica).start("node");
        (primaryFirst ? replica : primary).start("node");
    }

    /** At any moment of its start, so also in the middle of its recovery. */
    private void killAgainAndAgain(NodeProcess node) throws IOException, InterruptedException {
        for (int i = 0; i < AGAIN; i++) {
            node.kill();
            node.start("node");
            Thread.sleep(random.nextInt(1_500));
        }
        killAndStart(node);
    }

    private static void freeze(NodeProcess node, Duration time) throws Exception {
        node.signal("STOP");
        Thread.sleep(time);
        node.signal("CONT");
    }

    private void awaitAlone() throws InterruptedException {
        cluster.await(
                primary, replica.name() + " left the in-sync set", s -> s.inSyncSet().isEmpty());
    }

    private void swap() {
        NodeProcess old = primary;
        primary = replica;
        replica = old;
    }
}
