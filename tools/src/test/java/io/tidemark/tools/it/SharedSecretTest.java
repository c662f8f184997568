package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aeron.archive.client.AeronArchive;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.exceptions.TimeoutException;
import io.tidemark.journal.aeron.AeronSettings;
import io.tidemark.tools.admin.PeerStatus;
import io.tidemark.tools.admin.ResourceStatus;
import io.tidemark.tools.client.NbdClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nodes that share a secret, that do not, and that should. */
class SharedSecretTest {
    private static final long VOLUME = 16 << 20;
    private static final String SECRET = "dGhlIHJpZ2h0IHNlY3JldCBvZiB0aGlzIHRlc3Q=";
    private static final String WRONG = "dGhlIHdyb25nIHNlY3JldCBvZiB0aGlzIHRlc3Q=";

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void aNodeWithAnotherSecretIsLetInOnceItHasTheRightOne() throws Exception {
        cluster.configure(VOLUME, "peer-wait = \"1 s\"");
        cluster.withSecretFiles(cluster.alpha(), cluster.beta());
        cluster.secret(cluster.alpha(), SECRET);
        cluster.secret(cluster.beta(), WRONG);
        refusedOnBoth("has another shared secret than this node", "has another shared secret");

        cluster.beta().stop();
        cluster.secret(cluster.beta(), SECRET);
        cluster.beta().start("replica").awaitReady();
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        write();
        assertThat(peer(cluster.alpha()).detail()).isEmpty();
        assertThat(cluster.alpha().lines())
                .anyMatch(l -> l.endsWith("has proven the shared secret"));

        everySocketIsBoundAsConfigured(cluster.alpha());
        everySocketIsBoundAsConfigured(cluster.beta());
        aStrangerGetsNothingOfTheArchive(cluster.alpha());

        // Whoever comes back has to prove itself anew, and does.
        cluster.alpha().kill();
        cluster.alpha().start("primary").awaitReady();
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        write();
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    @Test
    void aNodeWithoutASecretIsRefusedByOneThatHasOne() throws Exception {
        cluster.configure(VOLUME, "peer-wait = \"1 s\"").withSecretFiles(cluster.alpha());
        cluster.secret(cluster.alpha(), SECRET);
        refusedOnBoth(
                "does not prove the shared secret that this node has",
                "asks for a shared secret and this node has none");
    }

    @Test
    void aSecretThatOthersCanReadIsRefused() throws Exception {
        cluster.configure(VOLUME).withSecretFiles(cluster.alpha());
        cluster.secret(cluster.alpha(), SECRET);
        Files.setPosixFilePermissions(
                cluster.folder().resolve("alpha.secret"),
                PosixFilePermissions.fromString("rw-r--r--"));
        cluster.alpha().start("primary");
        assertThat(cluster.alpha().awaitExit()).isEqualTo(2);
        assertThat(cluster.alpha().lines())
                .anyMatch(l -> l.contains("is open to others") && l.contains("chmod 600"));
    }

    private void refusedOnBoth(String onAlpha, String onBeta) throws Exception {
        cluster.alpha().start("primary");
        cluster.beta().start("replica");
        cluster.alpha().awaitReady();
        cluster.beta().awaitReady();
        awaitRefused(cluster.alpha(), onAlpha);
        awaitRefused(cluster.beta(), onBeta);
        // They go on asking each other all the time.
        long since = System.nanoTime();
        Await.until(
                "some time passes",
                Duration.ofSeconds(10),
                () -> System.nanoTime() - since > TimeUnit.SECONDS.toNanos(3),
                () -> "");
        assertThat(refusals(cluster.alpha(), onAlpha)).isEqualTo(1);
        assertThat(refusals(cluster.beta(), onBeta)).isEqualTo(1);
        assertThat(cluster.alpha().status(Cluster.R0).state()).isEqualTo("serving");
        assertThat(cluster.beta().status(Cluster.R0).positions().recorded()).isZero();
        write();
    }

    private void awaitRefused(NodeProcess node, String why) throws InterruptedException {
        cluster.await(
                node,
                "refuses its peer",
                status -> {
                    PeerStatus peer = peer(status);
                    return peer.state().equals("refused") && peer.detail().contains(why);
                });
    }

    private static long refusals(NodeProcess node, String why) throws IOException {
        return node.lines().stream()
                .filter(l -> l.contains("refused: ") && l.contains(why))
                .count();
    }

    private static PeerStatus peer(NodeProcess node) throws Exception {
        return peer(node.status(Cluster.R0));
    }

    private static PeerStatus peer(ResourceStatus status) {
        return status.peers().getFirst();
    }

    private void write() throws IOException {
        byte[] block = new byte[1 << 20];
        try (NbdClient client = cluster.alpha().connect(Cluster.R0)) {
            for (int i = 0; i < 8; i++) {
                block[0] = (byte) i;
                client.write((long) i << 20, ByteBuffer.wrap(block), false);
            }
            client.flush();
        }
    }

    private static void everySocketIsBoundAsConfigured(NodeProcess node) throws IOException {
        List<String> sockets = OpenSockets.of(node.pid());
        assertThat(sockets)
                .contains(
                        "udp 127.0.0.1:" + node.settings().port(),
                        "udp 127.0.0.1:" + (node.settings().port() + 1),
                        "tcp " + node.nbdAddress())
                .allMatch(s -> s.matches("(udp|tcp) 127\\.0\\.0\\.1:.*"));
    }

    private void aStrangerGetsNothingOfTheArchive(NodeProcess node) throws InterruptedException {
        String folder = cluster.folder().resolve("stranger").toString();
        try (MediaDriver driver =
                MediaDriver.launch(
                        new MediaDriver.Context()
                                .aeronDirectoryName(folder)
                                .threadingMode(ThreadingMode.SHARED)
                                .publicationTermBufferLength(64 * 1024))) {
            assertThatThrownBy(
                            () ->
                                    AeronArchive.connect(
                                            new AeronArchive.Context()
                                                    .aeronDirectoryName(driver.aeronDirectoryName())
                                                    .controlRequestChannel(
                                                            AeronSettings.archiveControlChannel(
                                                                    node.settings().address(),
                                                                    node.settings().port()))
                                                    .controlRequestStreamId(
                                                            AeronSettings.ARCHIVE_CONTROL_STREAM_ID)
                                                    .controlResponseChannel(
                                                            "aeron:udp?endpoint=127.0.0.1:0")
                                                    .messageTimeoutNs(TimeUnit.SECONDS.toNanos(1))))
                    .isInstanceOf(TimeoutException.class);
        }
        node.awaitLine(l -> l.contains("talks to the archive without a ticket"), "a refusal");
    }
}
