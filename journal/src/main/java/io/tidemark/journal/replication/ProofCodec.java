package io.tidemark.journal.replication;

import io.tidemark.codec.peer.MessageHeaderEncoder;
import io.tidemark.codec.peer.ProofDecoder;
import io.tidemark.codec.peer.ProofEncoder;
import io.tidemark.journal.secret.Nonce;
import io.tidemark.journal.secret.Proof;
import org.agrona.ExpandableDirectByteBuffer;

/** Encodes and decodes the messages of the handshake. */
final class ProofCodec {
    private static final int MAX_NAME = 1_024;

    private ProofCodec() {}

    static int encode(ExpandableDirectByteBuffer buffer, Proof proof) {
        ProofEncoder encoder =
                new ProofEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        encoder.protocolVersion(Hello.PROTOCOL_VERSION)
                .nonceHigh(proof.nonce().high())
                .nonceLow(proof.nonce().low())
                .echoHigh(proof.echo().high())
                .echoLow(proof.echo().low())
                .codeHigh(proof.code().high())
                .codeLow(proof.code().low())
                .accepted((short) (proof.accepted() ? 1 : 0))
                .fromNode(proof.from())
                .toNode(proof.to());
        return MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
    }

    /**
     * @throws IllegalArgumentException if the message breaks a limit; it is dropped whole
     */
    static Proof decode(ProofDecoder decoder) {
        Nonce nonce = new Nonce(decoder.nonceHigh(), decoder.nonceLow());
        Nonce echo = new Nonce(decoder.echoHigh(), decoder.echoLow());
        Nonce code = new Nonce(decoder.codeHigh(), decoder.codeLow());
        boolean accepted = decoder.accepted() == 1;
        limit(decoder.fromNodeLength());
        String from = decoder.fromNode();
        limit(decoder.toNodeLength());
        return new Proof(from, decoder.toNode(), nonce, echo, accepted, code);
    }

    private static void limit(int length) {
        if (length > MAX_NAME) {
            throw new IllegalArgumentException("a name of " + length + " bytes");
        }
    }
}
