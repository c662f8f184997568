package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.demo.LedgerLoad;
import io.tidemark.tools.disk.DiskCall.Kind;
import io.tidemark.tools.disk.DiskClock;
import io.tidemark.tools.disk.DiskFault;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A disk that does not answer for a while, and then does. */
class HangingDiskTest {
    private static final int VOLUME = 8 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @RegisterExtension private final Cluster cluster = new Cluster();

    private void start() throws Exception {
        cluster.onDisks(new DiskClock()).configure(VOLUME, "peer-timeout = \"1 s\"").start();
    }

    private static DiskFault hangingSync() {
        return DiskFault.on(Kind.SYNC, DiskPaths::isSegment).hold();
    }

    @Test
    void aReplicaWhoseDiskHangsIsDroppedAndJoinsAgain() throws Exception {
        start();
        try (LedgerLoad load = new LedgerLoad(cluster.alpha().nbd(), 0, VOLUME)) {
            load.awaitMore(50);
            DiskFault hang = cluster.disk(cluster.beta()).arm(hangingSync()).awaitStruck(LIMIT);
            cluster.await(cluster.alpha(), "dropped it", s -> s.inSyncSet().isEmpty());
            load.awaitMore(50).stop();
            cluster.disk(cluster.beta()).cure();
            assertThat(hang.struck()).isEqualTo(1);
            cluster.awaitInSync(cluster.alpha(), cluster.beta());
            load.verify(cluster.copyOf(cluster.alpha(), VOLUME));
        }
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    @Test
    void aPrimaryWhoseDiskHangsGoesOnWhereItWas() throws Exception {
        start();
        try (LedgerLoad load = new LedgerLoad(cluster.alpha().nbd(), 0, VOLUME)) {
            load.awaitMore(50);
            cluster.disk(cluster.alpha()).arm(hangingSync()).awaitStruck(LIMIT);
            // Longer than the peers wait for each other.
            Thread.sleep(Duration.ofSeconds(3));
            cluster.disk(cluster.alpha()).cure();
            load.awaitMore(50).stop();
            cluster.awaitInSync(cluster.alpha(), cluster.beta());
            load.verify(cluster.copyOf(cluster.alpha(), VOLUME));
        }
        assertThat(cluster.alpha().status(Cluster.R0).epoch()).isEqualTo(1);
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }
}
