package io.tidemark.journal.aeron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aeron.ExclusivePublication;
import io.aeron.archive.client.AeronArchive;
import io.aeron.archive.client.ArchiveException;
import io.aeron.archive.client.ReplicationParams;
import io.aeron.archive.codecs.SourceLocation;
import io.aeron.exceptions.TimeoutException;
import io.tidemark.journal.log.EntryLayout;
import io.tidemark.journal.secret.Handshake;
import io.tidemark.journal.secret.Nonce;
import io.tidemark.journal.secret.SharedSecret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Strangers at the archive's port: with real sockets, all on the test's thread. */
@Timeout(120)
final class ArchiveAccessTest {
    private static final int STREAM = 1001;
    private static final SharedSecret SECRET = SharedSecret.of(new byte[32]);

    private final Random random = new Random();
    private final Handshake own = new Handshake(SECRET, "alpha", "beta", this::nonce);
    private final Handshake peer = new Handshake(SECRET, "beta", "alpha", this::nonce);
    private final ArchiveAccess guarded = ArchiveAccess.guarded();
    private final ArchiveAccess ofPeer = ArchiveAccess.guarded();

    @TempDir Path directory;
    private AeronStack alpha;
    private Stranger stranger;
    private ExclusivePublication publication;
    private Recording recording;

    @BeforeEach
    void launchGuarded() {
        shakeHands();
        launch(guarded);
    }

    private void shakeHands() {
        peer.on(own.next());
        own.on(Objects.requireNonNull(peer.answer()));
        peer.on(Objects.requireNonNull(own.answer()));
        guarded.let("channel of beta", own.seal("archive"), own.check("archive"));
        ofPeer.let("channel of alpha", peer.seal("archive"), peer.check("archive"));
    }

    @AfterEach
    void close() {
        stranger.close();
        publication.close();
        alpha.close();
    }

    @Test
    void aStrangerGetsNoAnswer() {
        for (byte[] credentials :
                new byte[][] {
                    {},
                    new byte[24],
                    new byte[500],
                    "admin:admin".getBytes(StandardCharsets.US_ASCII)
                }) {
            assertThatThrownBy(() -> stranger.connect(credentials))
                    .as("%d bytes", credentials.length)
                    .isInstanceOf(TimeoutException.class);
        }
        assertThat(recording.growing()).isTrue();
    }

    @Test
    void aTicketIsGoodOnceAndForReadingOnly() {
        byte[] ticket = ofPeer.ticket("channel of alpha");
        try (AeronArchive archive = stranger.connect(ticket)) {
            assertThat(
                            archive.listRecording(
                                    recording.recordingId(),
                                    (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) -> {}))
                    .isEqualTo(1);
            onlyReads(archive);
        }
        assertThatThrownBy(() -> stranger.connect(ticket)).isInstanceOf(TimeoutException.class);
        try (AeronArchive archive = stranger.connect(ofPeer.ticket("channel of alpha"))) {
            assertThat(archive.controlSessionId()).isPositive();
        }
    }

    @Test
    void aSessionOfTheLinkThatIsOverGivesNoTicket() {
        byte[] ticket = ofPeer.ticket("channel of alpha");
        own.renew();
        peer.renew();
        shakeHands();
        assertThatThrownBy(() -> stranger.connect(ticket)).isInstanceOf(TimeoutException.class);
    }

    @Test
    void nobodySpeaksInTheNameOfAnotherSession() {
        long session = alpha.blocking(AeronArchive::controlSessionId);
        stranger.stopInTheNameOf(session, recording.recordingId());
        assertThat(recording.growing()).isTrue();
    }

    @Test
    void withoutASecretStrangersMayReadOnly() {
        close();
        launch(ArchiveAccess.open());
        try (AeronArchive archive = stranger.connect(new byte[0])) {
            onlyReads(archive);
        }
    }

    @Test
    void aPeerFollowsWithItsTicket() {
        AeronSettings settings = settings("beta", FreePorts.block());
        try (AeronStack beta =
                AeronStack.launch(settings, ofPeer, KnownDurable.NOTHING, channel -> {})) {
            String channel = alpha.settings().archiveControlChannel();
            ofPeer.let(channel, peer.seal("archive"), peer.check("archive"));
            UnsafeBuffer entry = new UnsafeBuffer(new byte[1_000]);
            assertThat(publication.offer(entry)).isPositive();
            Recording copy = new Recording(beta, STREAM);
            copy.follow(recording.recordingId(), channel);
            await(
                    () -> {
                        beta.doWork();
                        return copy.pollFollow(System.nanoTime(), TimeUnit.SECONDS.toNanos(10))
                                && copy.recorded() == publication.position();
                    });
            copy.stop();
        }
    }

    private void onlyReads(AeronArchive archive) {
        long id = recording.recordingId();
        refused(() -> archive.tryStopRecordingByIdentity(id));
        refused(() -> archive.truncateRecording(id, 0));
        refused(() -> archive.purgeRecording(id));
        refused(() -> archive.purgeSegments(id, 0));
        refused(() -> archive.detachSegments(id, 0));
        refused(() -> archive.stopAllReplays(id));
        refused(
                () ->
                        archive.replicate(
                                id, 10, "aeron:udp?endpoint=127.0.0.1:9", new ReplicationParams()));
        refused(
                () ->
                        archive.startRecording(
                                "aeron:udp?endpoint=127.0.0.1:17999", 7, SourceLocation.REMOTE));
        assertThat(recording.growing()).isTrue();
    }

    private static void refused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(ArchiveException.class)
                .hasMessageContaining("unauthorised");
    }

    private void launch(ArchiveAccess access) {
        alpha =
                AeronStack.launch(
                        settings("alpha", FreePorts.block()),
                        access,
                        KnownDurable.NOTHING,
                        channel -> {});
        recording = new Recording(alpha, STREAM);
        publication = recording.append(EntryLayout.mtuFor(61_440));
        stranger =
                new Stranger(directory.resolve("stranger"), alpha.settings(), () -> alpha.doWork());
    }

    private void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("beyond the time limit").isNegative();
            if (alpha.doWork() == 0) {
                Thread.yield();
            }
        }
    }

    private AeronSettings settings(String node, int port) {
        Path nodeDirectory = directory.resolve(node);
        return new AeronSettings(
                node,
                "127.0.0.1",
                port,
                nodeDirectory.resolve("journal"),
                AeronSettings.driverDirectory(node, nodeDirectory),
                AeronSettings.DEFAULT_SEGMENT_LENGTH,
                AeronSettings.DEFAULT_SOCKET_BUFFER);
    }

    private Nonce nonce() {
        return new Nonce(random.nextLong(), random.nextLong());
    }
}
