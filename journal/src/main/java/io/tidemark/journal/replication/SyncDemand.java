package io.tidemark.journal.replication;

import io.tidemark.journal.log.JournalSyncer;

/**
 * When the journal is to be synced: at once for a client or a change that waits for a position,
 * else after a time or a number of bytes, so that the tide mark moves although nobody flushes. Data
 * thread only.
 */
final class SyncDemand {
    private final JournalSyncer syncer;
    private final long intervalNs;
    private final long bytes;
    private long wanted;

    /** The lowest wanted position that no sync was asked for yet; 0 if there is none. */
    private long first;

    private long askedNs;

    SyncDemand(JournalSyncer syncer, ResourceConfig config) {
        this.syncer = syncer;
        this.intervalNs = config.syncIntervalNs();
        this.bytes = config.syncBytes();
    }

    /** Somebody waits for durability up to this position. */
    void want(long position) {
        if (position > wanted) {
            wanted = position;
            if (first == 0) {
                first = position;
            }
        }
    }

    /** Highest position that somebody waits for. */
    long wanted() {
        return wanted;
    }

    /** Nobody waits any more: another log begins. */
    void reset() {
        wanted = 0;
        first = 0;
    }

    /**
     * Asks the syncer if it is time.
     *
     * @param recorded end of what the journal holds
     * @param now whether to sync whatever there is
     */
    int doWork(long recorded, boolean now, long nowNs) {
        if (recorded <= syncer.requested()) {
            return 0;
        }
        if (!now
                && (first == 0 || recorded < first)
                && recorded - syncer.requested() < bytes
                && nowNs - askedNs < intervalNs) {
            return 0;
        }
        askedNs = nowNs;
        syncer.request(recorded);
        first = wanted > recorded ? wanted : 0;
        return 1;
    }
}
