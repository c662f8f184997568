package io.tidemark.perf.peers;

/** A candidate does not start, or died; the message says why and where its log is. */
public final class PeerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PeerException(String message) {
        super(message);
    }
}
