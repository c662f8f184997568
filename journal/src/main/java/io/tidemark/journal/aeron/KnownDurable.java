package io.tidemark.journal.aeron;

/**
 * What is remembered of logs outside the journal: its own files cannot tell when their end is
 * damaged.
 */
@FunctionalInterface
public interface KnownDurable {
    /** Nothing is remembered. */
    KnownDurable NOTHING = streamId -> new Positions(0, 0);

    /** Of the log with this stream id; zeroes if nothing is remembered of it. */
    Positions of(int streamId);

    /**
     * Two positions of a log.
     *
     * @param checkpoint what lies below is not needed to start
     * @param durable what lies below was on stable storage
     */
    record Positions(long checkpoint, long durable) {}
}
