package io.tidemark.tools.crash;

/**
 * A whole request as the log holds it.
 *
 * @param position where its first entry begins in the log
 * @param epoch number of the epoch it was appended in
 * @param client the connection's number on the node in that epoch's process
 * @param payload of a write, empty for others
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record LoggedRequest(
        long position,
        long epoch,
        long client,
        Request.Kind kind,
        long offset,
        long length,
        byte[] payload) {}
