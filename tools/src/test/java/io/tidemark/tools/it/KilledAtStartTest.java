package io.tidemark.tools.it;

import io.tidemark.tools.demo.LedgerLoad;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** SIGKILL again and again while a node starts and recovers; nothing is lost by that. */
class KilledAtStartTest {
    private static final long VOLUME = 64 << 20;

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void aNodeThatIsStartedAtOnceAfterEachOfSeveralKillsServesAgain() throws Exception {
        cluster.configure(VOLUME, "peer-wait = \"100 ms\"");
        cluster.alpha().start("primary");
        for (int kill = 0; kill < 4; kill++) {
            awaitServing();
            try (LedgerLoad load = new LedgerLoad(cluster.alpha().nbd(), 0, VOLUME)) {
                load.awaitMore(20);
                cluster.alpha().kill();
                cluster.alpha().start("node");
                load.awaitEnd();
                awaitServing();
                load.verify(cluster.copyOf(cluster.alpha(), VOLUME));
            }
            try (var client = cluster.alpha().connect("r0")) {
                client.writeZeroes(0, (int) VOLUME);
            }
        }
        cluster.alpha().stop();
    }

    @Test
    void aRecoveryThatIsKilledAtAnyMomentIsDoneAgain() throws Exception {
        cluster.configure(
                VOLUME,
                "peer-wait = \"100 ms\"",
                "checkpoint-interval = \"1 h\"",
                "sync-interval = \"100 ms\"");
        cluster.alpha().start("primary");
        awaitServing();
        try (LedgerLoad load = new LedgerLoad(cluster.alpha().nbd(), 0, VOLUME)) {
            load.awaitMore(2_000);
            cluster.alpha().kill();
            load.awaitEnd();
            // A start takes about half a second; the last kills come when it serves.
            for (int millis = 100; millis <= 900; millis += 100) {
                cluster.alpha().start("node");
                Thread.sleep(millis);
                cluster.alpha().kill();
            }
            cluster.alpha().start("node");
            awaitServing();
            load.verify(cluster.copyOf(cluster.alpha(), VOLUME));
            cluster.alpha().stop();
            load.verify(cluster.partition(cluster.alpha(), "r0-0"));
        }
    }

    private void awaitServing() throws InterruptedException {
        cluster.await(cluster.alpha(), "serves", s -> s.state().equals("serving"));
    }
}
