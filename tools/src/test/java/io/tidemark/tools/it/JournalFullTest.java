package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
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

            for (int i = 0; i < 8; i++) {
                writer.readBack(before);
                writer.flush();
                Thread.sleep(250); // Longer than the peer timeout in all: nobody is blamed.
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
}
