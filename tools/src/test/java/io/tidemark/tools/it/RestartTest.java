package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.demo.LedgerLoad;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clean stops. */
class RestartTest {
    private static final long VOLUME = 64 << 20;
    private static final int ROUNDS = 4;

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void bothNodesStoppedAndStartedAgainGoOnWithTheSameData() throws Exception {
        cluster.configure(VOLUME).start();
        List<LedgerLoad> loads = new ArrayList<>();
        long share = VOLUME / ROUNDS;
        for (int round = 0; round < ROUNDS; round++) {
            loads.add(load(round * share, (round + 1) * share));
            long epoch = cluster.alpha().status("r0").epoch();
            stopBoth(round);
            cluster.comparePartitions("r0-0");
            boolean alphaFirst = round % 2 == 0;
            (alphaFirst ? cluster.alpha() : cluster.beta()).start("node");
            (alphaFirst ? cluster.beta() : cluster.alpha()).start("node");
            cluster.awaitInSync(cluster.alpha(), cluster.beta());
            assertThat(cluster.alpha().status("r0").epoch()).isGreaterThan(epoch);
        }
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
        for (LedgerLoad load : loads) {
            load.verify(cluster.partition(cluster.alpha(), "r0-0"));
        }
    }

    @Test
    void aReplicaThatIsStoppedDoesNotStallThePrimary() throws Exception {
        cluster.configure(VOLUME, "peer-timeout = \"1 min\"").start();
        try (LedgerLoad load = new LedgerLoad(cluster.alpha().nbd(), 0, VOLUME)) {
            load.awaitMore(100);
            long start = System.nanoTime();
            cluster.beta().stop();
            load.awaitMore(100);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(20));
            assertThat(cluster.alpha().status("r0").inSyncSet()).isEmpty();
            cluster.beta().start("node");
            cluster.awaitInSync(cluster.alpha(), cluster.beta());
            load.awaitMore(100).stop();
            cluster.stopAndCompare(cluster.alpha(), cluster.beta());
            load.verify(cluster.partition(cluster.beta(), "r0-0"));
        }
    }

    private LedgerLoad load(long from, long to) throws Exception {
        return new LedgerLoad(cluster.alpha().nbd(), from, to).awaitMore(50).stop();
    }

    /** The primary first, both at once, the replica first. */
    private void stopBoth(int round) throws Exception {
        switch (round % 3) {
            case 0 -> {
                cluster.alpha().stop();
                cluster.beta().stop();
            }
            case 1 -> {
                cluster.alpha().terminate();
                cluster.beta().terminate();
                assertThat(cluster.alpha().awaitExit()).isZero();
                assertThat(cluster.beta().awaitExit()).isZero();
            }
            default -> {
                cluster.beta().stop();
                cluster.alpha().stop();
            }
        }
    }
}
