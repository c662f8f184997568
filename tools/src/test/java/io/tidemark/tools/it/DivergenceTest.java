package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.admin.PeerStatus;
import io.tidemark.tools.demo.LedgerLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Both nodes were primary and both were written to: an operator decides which side stays. */
class DivergenceTest {
    private static final long AREA = 4 << 20;

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void theOldPrimarysSideIsGivenUpAndKeptAsABranch() throws Exception {
        NodeProcess alpha = part();
        NodeProcess beta = cluster.beta();

        CommandRun shown = resolve(alpha, "--dry-run");
        assertThat(shown.output()).contains("part at position", "bytes beyond it", "disconnected");
        assertThat(alpha.status("r0").state()).isEqualTo("serving");
        // The node whose side goes may be killed at any moment in between.
        assertThat(resolve(alpha, "--yes").output()).contains("alpha follows beta");
        cluster.awaitInSync(beta, alpha);
        assertThat(branches(alpha)).hasSize(1);
        cluster.stopAndCompare(beta, alpha);
    }

    @Test
    void theNewPrimarysSideIsGivenUpAlthoughItsEpochIsLater() throws Exception {
        NodeProcess alpha = part();
        NodeProcess beta = cluster.beta();
        try (LedgerLoad load = new LedgerLoad(alpha.nbd(), 0, AREA)) {
            load.awaitMore(100);
            assertThat(resolve(beta, "--yes").output()).contains("beta follows alpha");
            cluster.awaitInSync(alpha, beta);
            load.awaitMore(100).stop();
            load.verify(cluster.copyOf(alpha, 3 * AREA));
        }
        assertThat(branches(beta)).hasSize(1);
        cluster.stopAndCompare(alpha, beta);
    }

    @Test
    void aNodeThatIsKilledWhileItGivesUpGoesOnWithIt() throws Exception {
        NodeProcess alpha = part();
        NodeProcess beta = cluster.beta();
        long to = alpha.status("r0").positions().applied();
        assertThat(to).isPositive();
        Thread resolving =
                Thread.ofPlatform()
                        .daemon()
                        .start(
                                () -> {
                                    try {
                                        resolve(alpha, "--yes");
                                    } catch (IOException | InterruptedException e) {
                                        // The node is killed meanwhile.
                                    }
                                });
        Await.until(
                "alpha begins to give up",
                Cluster.LIMIT,
                () -> alpha.log().contains("this node gives up what lies beyond"),
                alpha::lines);
        alpha.kill();
        resolving.join();
        alpha.start("node");
        cluster.awaitInSync(beta, alpha);
        assertThat(alpha.status("r0").role()).isEqualTo("replica");
        cluster.stopAndCompare(beta, alpha);
    }

    @Test
    void aNodeThatHasNotPartedHasNothingToGiveUp() throws Exception {
        cluster.configure(AREA).start();
        CommandRun refused = resolve(cluster.beta(), "--yes");
        assertThat(refused.output()).contains("follows alpha and has nothing to give up");
        assertThat(refused.status()).isEqualTo(1);
        CommandRun other =
                CommandRun.of(
                        cluster.alpha(),
                        cluster.folder().resolve("t.toml"),
                        "resolve",
                        "r0",
                        "--discard",
                        "beta",
                        "--yes");
        assertThat(other.output()).contains("gives up only its own side");
        assertThat(other.status()).isEqualTo(2);
    }

    /**
     * Beta does not see alpha, is promoted, and both are written to and apply it; then they meet.
     *
     * @return alpha, which has the lower epoch and serves, as does beta
     */
    private NodeProcess part() throws Exception {
        cluster.configure(3 * AREA, "peer-timeout = \"1 s\"").start();
        NodeProcess alpha = cluster.alpha();
        NodeProcess beta = cluster.beta();
        try (LedgerLoad load = new LedgerLoad(alpha.nbd(), 0, AREA)) {
            load.awaitMore(200).stop();
        }
        beta.kill();
        try (LedgerLoad load = new LedgerLoad(alpha.nbd(), AREA, 2 * AREA)) {
            load.awaitMore(200).stop();
        }
        cluster.await(alpha, "applied", s -> s.positions().applied() == s.positions().committed());
        alpha.signal("STOP");
        beta.start("replica").awaitReady();
        cluster.promote(beta);
        try (LedgerLoad load = new LedgerLoad(beta.nbd(), 2 * AREA, 3 * AREA)) {
            load.awaitMore(200).stop();
        }
        alpha.signal("CONT");
        cluster.await(alpha, "has parted", DivergenceTest::diverged);
        cluster.await(beta, "has parted", DivergenceTest::diverged);
        return alpha;
    }

    private static boolean diverged(io.tidemark.tools.admin.ResourceStatus status) {
        return status.state().equals("serving")
                && status.peers().stream().map(PeerStatus::state).allMatch("diverged"::equals);
    }

    private CommandRun resolve(NodeProcess node, String how)
            throws IOException, InterruptedException {
        return CommandRun.of(
                node,
                cluster.folder().resolve("t.toml"),
                "resolve",
                "r0",
                "--discard",
                node.name(),
                how);
    }

    private static List<Path> branches(NodeProcess node) throws IOException {
        try (Stream<Path> files =
                Files.list(node.settings().directory().resolve("resources/r0/branches"))) {
            return files.toList();
        }
    }
}
