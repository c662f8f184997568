package io.tidemark.journal.secret;

/**
 * One message of the handshake.
 *
 * @param from name of the node that sends it
 * @param to name of the node it is meant for
 * @param nonce drawn by the sender for one session of the link
 * @param echo nonce of the receiver, none in the first message
 * @param accepted whether the receiver has proven itself to the sender in this session already
 * @param code what only a node that knows the secret can compute of all these; none in the first
 *     message
 */
public record Proof(String from, String to, Nonce nonce, Nonce echo, boolean accepted, Nonce code) {

    /** The code that a node which knows the secret puts in. */
    static Nonce code(SharedSecret secret, Proof proof) {
        String label = proof.accepted ? "tidemark link 1 accepted" : "tidemark link 1 proof";
        return Nonce.first(secret.derive(label, proof.nonce, proof.echo, proof.from, proof.to));
    }

    Proof sealed(SharedSecret secret) {
        return new Proof(from, to, nonce, echo, accepted, code(secret, this));
    }

    boolean valid(SharedSecret secret) {
        return code.same(code(secret, this));
    }
}
