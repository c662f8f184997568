package io.tidemark.tools.it;

import io.tidemark.tools.client.NbdClient;
import io.tidemark.tools.demo.LedgerLoad;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A random sequence of what goes wrong, always under load: kills, clean stops and promotions. After
 * each, everything acknowledged is on the node that serves.
 */
class DisorderTest {
    private static final long VOLUME = 32 << 20;
    private static final int ROUNDS = Integer.getInteger("tidemark.rounds", 5);

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void nothingAcknowledgedIsLostWhateverTheOrder() throws Exception {
        long seed = Long.getLong("tidemark.seed", ThreadLocalRandom.current().nextLong());
        System.out.println("disorder: -Dtidemark.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        cluster.configure(
                        VOLUME,
                        "peer-timeout = \"1 s\"",
                        "peer-wait = \"1 s\"",
                        "checkpoint-interval = \"300 ms\"")
                .start();
        NodeProcess primary = cluster.alpha();
        NodeProcess replica = cluster.beta();
        for (int round = 0; round < ROUNDS; round++) {
            // To a new ledger, what it has not written yet is zeroes.
            try (NbdClient client = primary.connect("r0")) {
                client.writeZeroes(0, (int) VOLUME);
            }
            try (LedgerLoad load = new LedgerLoad(primary.nbd(), 0, VOLUME)) {
                load.awaitMore(random.nextInt(1, 600));
                int event = random.nextInt(6);
                System.out.println("round " + round + ": event " + event + " on " + primary.name());
                disturb(event, primary, replica, load);
                load.awaitEnd();
                if (event == 1) {
                    cluster.promote(replica);
                    NodeProcess old = primary;
                    primary = replica;
                    replica = old;
                }
                recover(event, primary, replica);
                load.verify(cluster.copyOf(primary, VOLUME));
            }
        }
        cluster.stopAndCompare(primary, replica);
    }

    /** Ends the load in one way or another. */
    private static void disturb(
            int event, NodeProcess primary, NodeProcess replica, LedgerLoad load) throws Exception {
        switch (event) {
            case 0, 1 -> primary.kill();
            case 2 -> {
                replica.kill();
                load.awaitMore(50).stop();
            }
            case 3 -> primary.stop();
            case 4 -> {
                replica.kill();
                load.awaitMore(50);
                primary.kill();
            }
            default -> {
                primary.kill();
                replica.kill();
            }
        }
    }

    private void recover(int event, NodeProcess primary, NodeProcess replica) throws Exception {
        switch (event) {
            case 0, 3 -> primary.start("node");
            case 1, 2 -> replica.start("node");
            default -> {
                replica.start("node");
                primary.start("node");
            }
        }
        cluster.awaitInSync(primary, replica);
    }
}
