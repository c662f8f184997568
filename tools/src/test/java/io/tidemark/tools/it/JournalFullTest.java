package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A journal's disk fills up: requests wait before anything is promised, and nothing is lost. */
class JournalFullTest {
    private static final int BLOCK = 256 << 10;
    private static final int BLOCKS = 128;
    private static final long VOLUME = (long) BLOCK * BLOCKS;
    private static final String TIMEOUT = "peer-timeout = \"1 s\"";

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void writesWaitOnAFullPrimaryAndGoOnByThemselves() throws Exception {
        cluster.configure(VOLUME, TIMEOUT);
        NodeProcess alpha = cluster.alpha();
        try (SmallDisk disk = SmallDisk.ext4(alpha.settings().directory(), 250).leave(90)) {
            cluster.start();
            LedgerWriter writer = new LedgerWriter(alpha.nbd(), BLOCK, BLOCKS);
            CompletableFuture<Void> writing = writer.upTo(500);
            cluster.await(alpha, "is full", s -> s.journal().full());
            disk.fill();
            long before = writer.answered();

            // Longer than the peer timeout: nobody is blamed.
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
            while (System.nanoTime() < end) {
                writer.readBack(before);
                writer.flush();
            }
            assertThat(writer.answered()).isEqualTo(before);
            assertThat(writing).isNotDone();
            assertThat(alpha.status("r0").inSyncSet()).containsExactly("beta");
            assertThat(alpha.log()).contains("the journal is full at position");

            disk.free();
            writing.join();
            assertThat(alpha.log()).contains("the journal goes on at position");
            cluster.stopAndCompare(alpha, cluster.beta());
            writer.compare(cluster.partition(alpha, "r0-0"), 0);
        }
    }

    @Test
    void aFullReplicaLeavesAndJoinsAgainByItself() throws Exception {
        cluster.configure(VOLUME, "peer-timeout = \"20 s\"");
        NodeProcess alpha = cluster.alpha();
        NodeProcess beta = cluster.beta();
        try (SmallDisk disk = SmallDisk.tmpfs(beta.settings().directory(), 250).leave(70)) {
            cluster.start();
            LedgerWriter writer = new LedgerWriter(alpha.nbd(), BLOCK, BLOCKS);
            CompletableFuture<Void> writing = writer.upTo(600);
            cluster.await(beta, "is full", s -> s.journal().full());
            cluster.await(
                    alpha,
                    "goes on alone",
                    s ->
                            s.inSyncSet().isEmpty()
                                    && s.peers().getFirst().state().equals("journal-full"));
            writing.join();
            assertThat(beta.status("r0").journal().full()).isTrue();

            disk.free();
            cluster.awaitInSync(alpha, beta);
            assertThat(count(beta.log(), "the journal is full at position")).isEqualTo(1);
            cluster.stopAndCompare(alpha, beta);
            writer.compare(cluster.partition(beta, "r0-0"), 0);
        }
    }

    @Test
    void bothFullThenKilledAndStartedAgainStillFull() throws Exception {
        cluster.configure(VOLUME, TIMEOUT);
        NodeProcess alpha = cluster.alpha();
        NodeProcess beta = cluster.beta();
        try (SmallDisk alphas = SmallDisk.ext4(alpha.settings().directory(), 250).leave(80);
                SmallDisk betas = SmallDisk.ext4(beta.settings().directory(), 250).leave(80)) {
            cluster.start();
            LedgerWriter writer = new LedgerWriter(alpha.nbd(), BLOCK, BLOCKS);
            CompletableFuture<Void> writing = writer.upTo(1000);
            cluster.await(alpha, "is full", s -> s.journal().full());
            assertThat(alpha.status("r0").inSyncSet()).containsExactly("beta");
            alphas.fill();
            betas.fill();
            alpha.kill();
            beta.kill();
            assertThat(writing).failsWithin(Cluster.LIMIT);

            beta.start("node");
            alpha.start("node");
            cluster.await(alpha, "serves while full", s -> s.state().equals("serving"));
            writer.readBack(writer.answered());
            CompletableFuture<Void> again = writer.upTo(writer.answered() + 200);
            cluster.await(alpha, "is full again", s -> s.journal().full());

            alphas.free();
            betas.free();
            again.join();
            cluster.awaitInSync(alpha, beta);
            cluster.stopAndCompare(alpha, beta);
            writer.compare(cluster.partition(alpha, "r0-0"), 1);
        }
    }

    @Test
    void aCleanStopWhileFullEndsTheEpochAndTheNextStartServes() throws Exception {
        cluster.configure(VOLUME, TIMEOUT, "peer-wait = \"200 ms\"");
        NodeProcess alpha = cluster.alpha();
        try (SmallDisk disk = SmallDisk.ext4(alpha.settings().directory(), 250).leave(70)) {
            cluster.alpha().start("primary").awaitReady();
            LedgerWriter writer = new LedgerWriter(alpha.nbd(), BLOCK, BLOCKS);
            CompletableFuture<Void> writing = writer.upTo(1000);
            cluster.await(alpha, "is full", s -> s.journal().full());
            disk.fill();
            alpha.stop();
            assertThat(writing).failsWithin(Cluster.LIMIT);

            alpha.start("node").awaitReady();
            cluster.await(alpha, "serves", s -> s.state().equals("serving"));
            CompletableFuture<Void> again = writer.upTo(writer.answered() + 100);
            cluster.await(alpha, "is full", s -> s.journal().full());
            disk.free();
            again.join();
            alpha.stop();
            writer.compare(cluster.partition(alpha, "r0-0"), 1);
        }
    }

    @Test
    void theLastSegmentIsFullWhenTheDiskIs() throws Exception {
        cluster.configure(VOLUME, TIMEOUT, "peer-wait = \"200 ms\"");
        NodeProcess alpha = cluster.alpha();
        try (SmallDisk disk = SmallDisk.tmpfs(alpha.settings().directory(), 250).leave(150)) {
            cluster.alpha().start("primary").awaitReady();
            LedgerWriter writer = new LedgerWriter(alpha.nbd(), BLOCK, BLOCKS);
            CompletableFuture<Void> writing = writer.upTo(600);
            cluster.await(alpha, "is full", s -> s.journal().full());
            assertThat(alpha.status("r0").positions().appended()).isBetween(100L << 20, 128L << 20);
            disk.fill();
            long before = writer.answered();
            writer.readBack(before);
            writer.flush();
            assertThat(writing).isNotDone();
            disk.free();
            writing.join();
            assertThat(alpha.status("r0").positions().appended()).isGreaterThan(140L << 20);
            alpha.stop();
            writer.compare(cluster.partition(alpha, "r0-0"), 0);
        }
    }

    @Test
    void withoutSpaceForAnEpochANodeWaitsAndStopsCleanly() throws Exception {
        cluster.configure(VOLUME, TIMEOUT, "peer-wait = \"200 ms\"");
        NodeProcess alpha = cluster.alpha();
        try (SmallDisk disk = SmallDisk.ext4(alpha.settings().directory(), 250).leave(6)) {
            alpha.start("primary");
            cluster.await(alpha, "is full", s -> s.journal().full());
            assertThat(alpha.status("r0").epoch()).isZero();
            alpha.stop();

            alpha.start("primary");
            cluster.await(alpha, "is full", s -> s.journal().full());
            disk.free();
            cluster.await(alpha, "serves", s -> s.state().equals("serving"));
            LedgerWriter writer = new LedgerWriter(alpha.nbd(), BLOCK, BLOCKS);
            writer.upTo(10).join();
            alpha.stop();
            writer.compare(cluster.partition(alpha, "r0-0"), 0);
        }
    }

    private static int count(String text, String what) {
        return text.split(what, -1).length - 1;
    }
}
