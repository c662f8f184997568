package io.tidemark.journal.secret;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One side of the handshake by which two nodes prove to each other that they know the shared
 * secret, and from which each session of a link has its keys.
 *
 * <pre>
 *   A -> B   (a, -)               who has no session sends this again and again
 *   B -> A   (b, a, proof)        A knows that B is B, and has keys
 *   A -> B   (a, b, proof, accepted)   so does B
 * </pre>
 *
 * A nonce that was drawn here is good for one session only: once a peer has proven itself with it,
 * the next proof must name another one. So what was recorded of an old session is good for nothing,
 * and a first message, which anybody can send, ends no session that stands.
 *
 * <p>No I/O, no clock. Data thread only.
 */
public final class Handshake {
    /** What a message has led to. */
    public enum Outcome {
        /** Nothing new. */
        HEARD,
        /** A new session: what was sealed before does not count any more. */
        BEGUN,
        /** The sender does not know the secret. */
        REFUSED
    }

    private final SharedSecret secret;
    private final String own;
    private final String peer;
    private final Supplier<Nonce> nonces;
    private Nonce pending;
    private Nonce ownNonce = Nonce.NONE;
    private Nonce peerNonce = Nonce.NONE;
    private boolean confirmed;
    private @Nullable Proof answer;

    /**
     * @param nonces draws one that nobody can predict
     */
    public Handshake(SharedSecret secret, String own, String peer, Supplier<Nonce> nonces) {
        this.secret = secret;
        this.own = own;
        this.peer = peer;
        this.nonces = nonces;
        this.pending = nonces.get();
    }

    /** Whether the peer has proven itself and this side has the session's keys. */
    public boolean established() {
        return !peerNonce.equals(Nonce.NONE);
    }

    /** Whether the peer has them too, as far as is known. */
    public boolean confirmed() {
        return confirmed;
    }

    /** Something sealed with the session's key was heard. */
    public void heardSealed() {
        confirmed = true;
    }

    /** The peer is out of sight: the session is over. */
    public void renew() {
        ownNonce = Nonce.NONE;
        peerNonce = Nonce.NONE;
        confirmed = false;
        pending = nonces.get();
    }

    /** To be sent from time to time while the session is not confirmed. */
    public Proof next() {
        return established()
                ? proof(ownNonce, peerNonce, false)
                : new Proof(own, peer, pending, Nonce.NONE, false, Nonce.NONE);
    }

    /** What the last message is to be answered with, if with anything. */
    public @Nullable Proof answer() {
        return answer;
    }

    /** Takes a message of the peer, or of somebody who says so. */
    public Outcome on(Proof heard) {
        answer = null;
        if (!heard.from().equals(peer)
                || !heard.to().equals(own)
                || heard.nonce().equals(Nonce.NONE)) {
            return Outcome.REFUSED;
        }
        boolean current = established() && heard.nonce().equals(peerNonce);
        if (heard.echo().equals(Nonce.NONE)) {
            // A peer that has not heard the session's proof yet is given it again.
            answer =
                    current
                            ? proof(ownNonce, peerNonce, true)
                            : proof(pending, heard.nonce(), false);
            return Outcome.HEARD;
        }
        if (!heard.valid(secret)) {
            return Outcome.REFUSED;
        }
        if (current && heard.echo().equals(ownNonce)) {
            confirmed |= heard.accepted();
            answer = heard.accepted() ? null : proof(ownNonce, peerNonce, true);
            return Outcome.HEARD;
        }
        if (!heard.echo().equals(pending)) {
            // Of a session that is over, or an answer to what somebody else has sent.
            return Outcome.HEARD;
        }
        ownNonce = pending;
        peerNonce = heard.nonce();
        pending = nonces.get();
        confirmed = heard.accepted();
        answer = heard.accepted() ? null : proof(ownNonce, peerNonce, true);
        return Outcome.BEGUN;
    }

    /**
     * For what this side sends in the session.
     *
     * @param purpose a key of its own for each
     */
    public Seal seal(String purpose) {
        return new Seal(secret.derive(purpose, ownNonce, peerNonce, own, peer));
    }

    /** For what the peer sends in the session. */
    public SealCheck check(String purpose) {
        return new SealCheck(secret.derive(purpose, peerNonce, ownNonce, peer, own));
    }

    private Proof proof(Nonce nonce, Nonce echo, boolean accepted) {
        return new Proof(own, peer, nonce, echo, accepted, Nonce.NONE).sealed(secret);
    }
}
