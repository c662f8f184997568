package io.tidemark.journal.replication;

/** What a replica was told last by the primary that it follows. Data thread only. */
public final class PrimaryNews {
    /** More than after which a link counts as lost. */
    private static final long SILENT_NS = 5_000_000_000L;

    private long committed;
    private long appended;
    private long timeNs;
    private long heardNs;

    PrimaryNews() {}

    /**
     * A new primary is followed; when the last one was heard, and where, stays known until this one
     * speaks.
     */
    void restart(long nowNs) {
        committed = 0;
        appended = 0;
        heardNs = nowNs;
    }

    void heard(long toldCommitted, long toldAppended, long appendedTimeNs, long nowNs) {
        committed = Math.max(committed, toldCommitted);
        appended = Math.max(appended, toldAppended);
        timeNs = appendedTimeNs;
        heardNs = nowNs;
    }

    /**
     * Whether the followed node does not reign any more, or not over this one: its recording may
     * grow on, because it follows somebody itself.
     */
    boolean silent(long nowNs) {
        return nowNs - heardNs > SILENT_NS;
    }

    /** The tide mark as told in the followed epoch. */
    long committed() {
        return committed;
    }

    /** End of what the primary had appended; 0 if it was never heard. */
    public long appended() {
        return appended;
    }

    /** Time of the entry there, nanoseconds since the Unix epoch. */
    public long timeNs() {
        return timeNs;
    }

    /** Duty-clock time of its last word, 0 if it was never heard. */
    public long heardNs() {
        return heardNs;
    }
}
