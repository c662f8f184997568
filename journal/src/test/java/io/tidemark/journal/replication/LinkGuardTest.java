package io.tidemark.journal.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.codec.peer.MessageHeaderDecoder;
import io.tidemark.codec.peer.ProofDecoder;
import io.tidemark.journal.secret.Handshake;
import io.tidemark.journal.secret.Nonce;
import io.tidemark.journal.secret.Proof;
import io.tidemark.journal.secret.Seal;
import io.tidemark.journal.secret.SharedSecret;
import java.util.Objects;
import org.agrona.ExpandableDirectByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class LinkGuardTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int SESSION = 77;

    private long drawn;
    private final LinkGuard alpha = guard("alpha", "beta");
    private final LinkGuard beta = guard("beta", "alpha");
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[256]);

    @Test
    void withoutASecretNothingIsAskedAndNothingAdded() {
        LinkGuard open = new LinkGuard(null);
        assertThat(open.open()).isTrue();
        assertThat(open.needsProof()).isFalse();
        assertThat(open.due(0)).isNull();
        assertThat(open.seal(message, 84)).isEqualTo(84);
        assertThat(open.overdue(100 * SECOND)).isFalse();
    }

    @Test
    void nothingIsSaidToAPeerBeforeItHasProvenItself() {
        assertThat(alpha.open()).isFalse();
        assertThat(alpha.speaks(SESSION)).isFalse();
        together();
        assertThat(alpha.open()).isTrue();
        assertThat(alpha.speaks(SESSION)).isTrue();
        assertThat(alpha.speaks(SESSION + 1)).as("another stream").isFalse();
    }

    @Test
    void itAsksTwiceASecondUntilThePeerIsHeard() {
        assertThat(alpha.due(1)).isNotNull();
        assertThat(alpha.due(SECOND / 4)).isNull();
        assertThat(alpha.due(SECOND)).isNotNull();
        together();
        int length = beta.seal(message, 84);
        assertThat(alpha.accepts(message, 0, length)).isTrue();
        assertThat(alpha.due(10 * SECOND)).isNull();
    }

    @Test
    void aMessageCountsOnce() {
        together();
        int length = beta.seal(message, 84);
        assertThat(length).isEqualTo(84 + Seal.BYTES);
        assertThat(alpha.accepts(message, 0, length)).isTrue();
        assertThat(alpha.accepts(message, 0, length)).isFalse();
        assertThat(alpha.dropped()).isEqualTo(1);
    }

    @Test
    void whatWasSealedBeforeThePeerWasLostDoesNotCount() {
        together();
        int length = beta.seal(message, 84);
        alpha.renew(SECOND);
        assertThat(alpha.open()).isFalse();
        assertThat(alpha.speaks(SESSION)).isFalse();
        assertThat(alpha.accepts(message, 0, length)).isFalse();
        together();
        assertThat(alpha.accepts(message, 0, length)).isFalse();
        assertThat(alpha.accepts(message, 0, beta.seal(message, 84))).isTrue();
    }

    @Test
    void aPeerHasASecondToProveItself() {
        assertThat(alpha.overdue(SECOND / 2)).isFalse();
        assertThat(alpha.overdue(2 * SECOND)).isTrue();
        together();
        assertThat(alpha.overdue(2 * SECOND)).isFalse();
        alpha.renew(10 * SECOND);
        assertThat(alpha.overdue(10 * SECOND + SECOND / 2)).isFalse();
        assertThat(alpha.overdue(12 * SECOND)).isTrue();
    }

    @Test
    void itComplainsOncePerTenSeconds() {
        assertThat(alpha.complains(1)).isTrue();
        assertThat(alpha.complains(9 * SECOND)).isFalse();
        assertThat(alpha.complains(11 * SECOND)).isTrue();
        assertThat(alpha.complains(12 * SECOND)).isFalse();
    }

    @Test
    void aProofSurvivesTheWire() {
        Proof proof =
                new Proof(
                        "alpha", "beta", new Nonce(1, -2), new Nonce(-3, 4), true, new Nonce(5, 6));
        ExpandableDirectByteBuffer buffer = new ExpandableDirectByteBuffer(16);
        ProofCodec.encode(buffer, proof);
        assertThat(
                        ProofCodec.decode(
                                new ProofDecoder()
                                        .wrapAndApplyHeader(buffer, 0, new MessageHeaderDecoder())))
                .isEqualTo(proof);
    }

    private void together() {
        beta.on(Objects.requireNonNull(alpha.due(1_000 * SECOND + drawn * SECOND)), SESSION, 0);
        alpha.on(Objects.requireNonNull(beta.answer()), SESSION, 0);
        beta.on(Objects.requireNonNull(alpha.answer()), SESSION, 0);
    }

    private LinkGuard guard(String own, String peer) {
        return new LinkGuard(
                new Handshake(
                        SharedSecret.of(new byte[16]), own, peer, () -> new Nonce(1, ++drawn)));
    }
}
