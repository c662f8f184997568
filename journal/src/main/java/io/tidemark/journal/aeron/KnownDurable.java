package io.tidemark.journal.aeron;

import org.jspecify.annotations.Nullable;

/**
 * What is remembered of logs outside the journal: its own files cannot tell when their end is
 * damaged.
 */
@FunctionalInterface
public interface KnownDurable {
    /** All logs are this node's, and nothing else is remembered. */
    KnownDurable NOTHING = streamId -> new Positions(0, 0);

    /**
     * Of the log with this stream id; null if it is not known to be a log of this node's: then its
     * files are looked at and left as they are.
     */
    @Nullable Positions of(int streamId);

    /**
     * Two positions of a log.
     *
     * @param checkpoint what lies below is not needed to start
     * @param durable what lies below was on stable storage
     */
    record Positions(long checkpoint, long durable) {}
}
