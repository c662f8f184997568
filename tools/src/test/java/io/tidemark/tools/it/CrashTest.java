package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.client.NbdClient;
import io.tidemark.tools.demo.LedgerLoad;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * SIGKILL of either node in the middle of a load: everything acknowledged is there, both end equal.
 */
class CrashTest {
    private static final long VOLUME = 64 << 20;

    /** More than sockets and windows of a node that stands still can hold. */
    private static final int REQUEST = 24 << 20;

    private static final String[] SETTINGS = {
        "peer-timeout = \"1 s\"", "peer-wait = \"1 s\"", "checkpoint-interval = \"500 ms\""
    };

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void thePrimaryGoesOnWithoutAKilledReplicaThatCatchesUpLater() throws Exception {
        cluster.configure(VOLUME, SETTINGS).start();
        try (LedgerLoad load = new LedgerLoad(cluster.alpha().nbd(), 0, VOLUME)) {
            load.awaitMore(500);
            cluster.beta().kill();
            load.awaitMore(500);
            cluster.await(
                    cluster.alpha(), "beta left the in-sync set", s -> s.inSyncSet().isEmpty());
            cluster.beta().start("replica");
            cluster.awaitInSync(cluster.alpha(), cluster.beta());
            load.awaitMore(500).stop();

            cluster.stopAndCompare(cluster.alpha(), cluster.beta());
            load.verify(cluster.partition(cluster.beta(), "r0-0"));
        }
    }

    @Test
    void aKilledPrimaryComesBackWithEverythingAcknowledged() throws Exception {
        cluster.configure(VOLUME, SETTINGS).start();
        try (LedgerLoad load = new LedgerLoad(cluster.alpha().nbd(), 0, VOLUME)) {
            load.awaitMore(1_000);
            cluster.alpha().kill();
            load.awaitEnd();
            long epoch = cluster.beta().status("r0").epoch();
            cluster.alpha().start("primary");
            cluster.awaitInSync(cluster.alpha(), cluster.beta());
            assertThat(cluster.alpha().status("r0").epoch()).isGreaterThan(epoch);
            load.verify(cluster.copyOf(cluster.alpha(), VOLUME));

            cluster.stopAndCompare(cluster.alpha(), cluster.beta());
            load.verify(cluster.partition(cluster.beta(), "r0-0"));
        }
    }

    @Test
    void aPromotedReplicaHasEverythingAcknowledgedAndTheOldPrimaryFollowsIt() throws Exception {
        cluster.configure(VOLUME, SETTINGS).start();
        try (LedgerLoad load = new LedgerLoad(cluster.alpha().nbd(), 0, VOLUME)) {
            load.awaitMore(1_000);
            cluster.alpha().kill();
            load.awaitEnd();
            cluster.promote(cluster.beta());
            load.verify(cluster.copyOf(cluster.beta(), VOLUME));
            try (LedgerLoad next = new LedgerLoad(cluster.beta().nbd(), 0, VOLUME)) {
                next.awaitMore(200);
                cluster.alpha().start("primary");
                cluster.awaitInSync(cluster.beta(), cluster.alpha());
                assertThat(cluster.alpha().status("r0").role()).isEqualTo("replica");
                next.awaitMore(200).stop();
            }
            cluster.stopAndCompare(cluster.beta(), cluster.alpha());
        }
    }

    @Test
    void bothNodesKilledAtOnceComeBackWithEverythingAcknowledged() throws Exception {
        cluster.configure(VOLUME, SETTINGS).start();
        try (LedgerLoad load = new LedgerLoad(cluster.alpha().nbd(), 0, VOLUME)) {
            load.awaitMore(1_000);
            cluster.alpha().signal("KILL");
            cluster.beta().signal("KILL");
            cluster.alpha().kill();
            cluster.beta().kill();
            load.awaitEnd();
            cluster.beta().start("node");
            cluster.alpha().start("node");
            cluster.awaitInSync(cluster.alpha(), cluster.beta());
            load.verify(cluster.copyOf(cluster.alpha(), VOLUME));
            cluster.stopAndCompare(cluster.alpha(), cluster.beta());
        }
    }

    @Test
    void aReplicaThatStandsStillForAWhileIsLeftBehindAndCatchesUp() throws Exception {
        cluster.configure(VOLUME, SETTINGS).start();
        try (LedgerLoad load = new LedgerLoad(cluster.alpha().nbd(), 0, VOLUME)) {
            load.awaitMore(200);
            cluster.beta().signal("STOP");
            // Longer than the link takes to be lost and the archive to give up the replication.
            cluster.await(
                    cluster.alpha(),
                    "beta is lost",
                    s -> s.inSyncSet().isEmpty() && s.peers().getFirst().state().equals("lost"));
            load.awaitMore(500);
            load.stop();
            cluster.beta().signal("CONT");
            cluster.awaitInSync(cluster.alpha(), cluster.beta());
            cluster.stopAndCompare(cluster.alpha(), cluster.beta());
            load.verify(cluster.partition(cluster.beta(), "r0-0"));
        }
    }

    @Test
    void whatOnlyTheOldPrimaryHoldsIsCutAndKeptAsABranch() throws Exception {
        cluster.configure(VOLUME, "peer-timeout = \"1 min\"").start();
        // The replica stands still, so that what comes now is recorded by the primary only, and
        // answered to nobody.
        cluster.beta().signal("STOP");
        long before = cluster.alpha().status("r0").positions().recorded();
        Thread lost = Thread.ofPlatform().daemon().start(() -> writeUnanswered(cluster.alpha()));
        cluster.await(
                cluster.alpha(),
                "the write is recorded there",
                s -> s.positions().recorded() >= before + REQUEST);
        cluster.alpha().kill();
        lost.join();
        cluster.beta().signal("CONT");
        cluster.promote(cluster.beta());
        write(cluster.beta(), (byte) 2);

        cluster.alpha().start("primary");
        cluster.awaitInSync(cluster.beta(), cluster.alpha());

        Path branches = cluster.alpha().settings().directory().resolve("resources/r0/branches");
        try (Stream<Path> kept = Files.list(branches)) {
            List<Path> files = kept.toList();
            assertThat(files).hasSize(1);
            assertThat(Files.size(files.getFirst())).isGreaterThan(REQUEST);
        }
        cluster.stopAndCompare(cluster.beta(), cluster.alpha());
        try (FileChannel partition = FileChannel.open(cluster.partition(cluster.alpha(), "r0-0"))) {
            ByteBuffer first = ByteBuffer.allocate(REQUEST);
            partition.read(first, 0);
            assertThat(first.array()).containsOnly((byte) 2);
        }
    }

    private static void writeUnanswered(NodeProcess node) {
        try {
            write(node, (byte) 1);
            throw new AssertionError("answered although the in-sync replica stands still");
        } catch (IOException expected) {
            // The node was killed.
        }
    }

    private static void write(NodeProcess node, byte value) throws IOException {
        byte[] content = new byte[REQUEST];
        Arrays.fill(content, value);
        try (NbdClient client = node.connect("r0")) {
            client.write(0, ByteBuffer.wrap(content), true);
        }
    }
}
