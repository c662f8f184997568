package io.tidemark.journal.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.secret.Handshake.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Two sides of a link, and somebody between them who hears and sends what he likes. */
final class HandshakeTest {
    private static final SharedSecret SECRET = secret("correct horse battery");
    private static final SharedSecret OTHER = secret("wrong horse, same length");

    private long drawn;
    private Handshake alpha = new Handshake(SECRET, "alpha", "beta", this::nonce);
    private Handshake beta = new Handshake(SECRET, "beta", "alpha", this::nonce);

    @Test
    void bothSidesProveThatTheyKnowTheSecret() {
        Proof opening = alpha.next();
        assertThat(beta.on(opening)).isEqualTo(Outcome.HEARD);
        assertThat(beta.established()).isFalse();
        assertThat(alpha.on(answerOf(beta))).isEqualTo(Outcome.BEGUN);
        assertThat(beta.on(answerOf(alpha))).isEqualTo(Outcome.BEGUN);
        assertThat(beta.confirmed()).isTrue();
        assertThat(beta.answer()).isNull();
        sealsAreGood();
    }

    @Test
    void bothMayBeginAtOnce() {
        converse(alpha.next(), beta.next());
        sealsAreGood();
    }

    @Test
    void whatGetsLostIsSentAgain() {
        for (int lost = 0; lost < 4; lost++) {
            alpha = new Handshake(SECRET, "alpha", "beta", this::nonce);
            beta = new Handshake(SECRET, "beta", "alpha", this::nonce);
            Deque<Proof> way = new ArrayDeque<>();
            int sent = 0;
            for (int tick = 0; tick < 4 && !(alpha.confirmed() && beta.confirmed()); tick++) {
                way.add(alpha.next());
                way.add(beta.next());
                while (!way.isEmpty()) {
                    Proof proof = way.remove();
                    if (sent++ != lost) {
                        deliver(proof, way);
                    }
                }
            }
            assertThat(alpha.confirmed() && beta.confirmed()).as("lost %d", lost).isTrue();
            sealsAreGood();
        }
    }

    @Test
    void aRestartedSideIsLetInAgain() {
        converse(alpha.next());
        Seal old = alpha.seal("x");
        SealCheck oldCheck = beta.check("x");
        alpha = new Handshake(SECRET, "alpha", "beta", this::nonce);
        converse(alpha.next());
        sealsAreGood();
        UnsafeBuffer message = new UnsafeBuffer(new byte[64]);
        int length = old.seal(message, 40);
        assertThat(oldCheck.accepts(message, 0, length)).isTrue();
        assertThat(beta.check("x").accepts(message, 0, length)).as("of the old session").isFalse();
    }

    @Test
    void aSideThatLostSightOfTheOtherBeginsAnew() {
        converse(alpha.next());
        beta.renew();
        assertThat(beta.established()).isFalse();
        converse(beta.next());
        sealsAreGood();
    }

    @Test
    void aNodeWithAnotherSecretIsRefusedByBoth() {
        beta = new Handshake(OTHER, "beta", "alpha", this::nonce);
        beta.on(alpha.next());
        assertThat(alpha.on(answerOf(beta))).isEqualTo(Outcome.REFUSED);
        assertThat(alpha.answer()).isNull();
        alpha.on(beta.next());
        assertThat(beta.on(answerOf(alpha))).isEqualTo(Outcome.REFUSED);
        assertThat(alpha.established() || beta.established()).isFalse();
    }

    @Test
    void aProofThatIsSentBackIsNone() {
        Proof opening = alpha.next();
        assertThat(alpha.on(opening)).isEqualTo(Outcome.REFUSED);
        alpha.on(beta.next());
        Proof own = answerOf(alpha);
        assertThat(alpha.on(own)).isEqualTo(Outcome.REFUSED);
        assertThat(alpha.on(swapped(own))).isEqualTo(Outcome.REFUSED);
        assertThat(alpha.established()).isFalse();
    }

    @Test
    void aProofWithAnythingChangedIsNone() {
        beta.on(alpha.next());
        Proof p = answerOf(beta);
        Nonce n = p.nonce();
        Nonce c = p.code();
        for (Proof changed :
                new Proof[] {
                    new Proof(p.from(), p.to(), new Nonce(n.high(), 99), p.echo(), false, c),
                    new Proof(p.from(), p.to(), n, p.echo(), true, c),
                    new Proof(p.from(), p.to(), n, p.echo(), false, new Nonce(c.high(), 0)),
                    new Proof(p.from(), p.to(), n, p.echo(), false, Nonce.NONE),
                    new Proof(p.from(), "gamma", n, p.echo(), false, c),
                    new Proof("gamma", p.to(), n, p.echo(), false, c),
                    new Proof(p.from(), p.to(), Nonce.NONE, p.echo(), false, c),
                }) {
            assertThat(alpha.on(changed)).as("%s", changed).isEqualTo(Outcome.REFUSED);
        }
        assertThat(alpha.on(p)).isEqualTo(Outcome.BEGUN);
    }

    @Test
    void aRecordedProofBeginsNoSessionAgain() {
        beta.on(alpha.next());
        alpha.on(answerOf(beta));
        Proof recorded = answerOf(alpha);
        beta.on(recorded);
        alpha = new Handshake(SECRET, "alpha", "beta", this::nonce);
        converse(alpha.next());
        SealCheck check = beta.check("x");
        assertThat(beta.on(recorded)).isEqualTo(Outcome.HEARD);
        beta.renew();
        assertThat(beta.on(recorded)).isEqualTo(Outcome.HEARD);
        assertThat(beta.established()).isFalse();
        assertThat(check).isNotNull();
    }

    @Test
    void aForgedFirstMessageEndsNoSession() {
        converse(alpha.next());
        Proof forged = new Proof("alpha", "beta", new Nonce(6, 6), Nonce.NONE, false, Nonce.NONE);
        assertThat(beta.on(forged)).isEqualTo(Outcome.HEARD);
        assertThat(alpha.on(answerOf(beta))).isEqualTo(Outcome.HEARD);
        assertThat(alpha.answer()).isNull();
        sealsAreGood();
    }

    @Test
    void whatOneSideSealsIsNotTakenForTheOthers() {
        converse(alpha.next());
        UnsafeBuffer message = new UnsafeBuffer(new byte[64]);
        int length = alpha.seal("x").seal(message, 40);
        assertThat(alpha.check("x").accepts(message, 0, length)).as("sent back").isFalse();
        assertThat(beta.check("y").accepts(message, 0, length)).as("other purpose").isFalse();
        assertThat(beta.check("x").accepts(message, 0, length)).isTrue();
    }

    /** Openings, losses, restarts and forgeries in any order: in the end both talk. */
    @Test
    void whateverHappensTheyFindEachOther() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int run = 0; run < 300; run++) {
            Deque<Proof> way = new ArrayDeque<>();
            for (int step = 0; step < 60; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1 -> way.add(alpha.next());
                    case 2, 3 -> way.add(beta.next());
                    case 4 -> alpha.renew();
                    case 5 -> beta = new Handshake(SECRET, "beta", "alpha", this::nonce);
                    default -> {
                        if (!way.isEmpty()) {
                            Proof proof = random.nextBoolean() ? way.poll() : way.peek();
                            if (random.nextInt(4) > 0) {
                                deliver(proof, way);
                            }
                        }
                    }
                }
            }
            way.clear();
            for (int tick = 0; tick < 8 && !together(); tick++) {
                // A side that hears nothing it can open loses sight of the other in the end.
                if (tick == 4) {
                    alpha.renew();
                    beta.renew();
                }
                converse(alpha.next(), beta.next());
            }
            assertThat(together()).as("run %d, seed %d", run, seed).isTrue();
        }
    }

    private boolean together() {
        if (!alpha.established() || !beta.established()) {
            return false;
        }
        UnsafeBuffer message = new UnsafeBuffer(new byte[64]);
        return beta.check("x").accepts(message, 0, alpha.seal("x").seal(message, 40))
                && alpha.check("x").accepts(message, 0, beta.seal("x").seal(message, 40));
    }

    private void sealsAreGood() {
        assertThat(together()).isTrue();
    }

    private void converse(Proof... first) {
        Deque<Proof> way = new ArrayDeque<>(java.util.List.of(first));
        int delivered = 0;
        while (!way.isEmpty()) {
            assertThat(delivered++).as("messages without an end").isLessThan(20);
            deliver(way.remove(), way);
        }
    }

    private void deliver(Proof proof, Deque<Proof> way) {
        Handshake to = proof.to().equals("alpha") ? alpha : beta;
        assertThat(to.on(proof)).isNotEqualTo(Outcome.REFUSED);
        if (to.answer() != null) {
            way.add(to.answer());
        }
    }

    private static Proof answerOf(Handshake side) {
        return Objects.requireNonNull(side.answer(), "it does not answer");
    }

    private Nonce nonce() {
        return new Nonce(7, ++drawn);
    }

    private static Proof swapped(Proof p) {
        return new Proof(p.to(), p.from(), p.nonce(), p.echo(), p.accepted(), p.code());
    }

    private static SharedSecret secret(String text) {
        return SharedSecret.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
