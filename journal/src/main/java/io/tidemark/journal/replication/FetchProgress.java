package io.tidemark.journal.replication;

import java.util.Arrays;

/**
 * What a candidate has fetched from peers that hold more of its last epoch. A fetch counts once it
 * reached its target; one that was interrupted is tried again after a pause, or the candidate would
 * open a log that lacks what was answered. Data thread only.
 */
final class FetchProgress {
    private static final long RETRY_NS = 500_000_000L;

    private final long[] fetchedTo;
    private long target;
    private long afterNs;

    FetchProgress(int peers) {
        fetchedTo = new long[peers];
    }

    /** Per peer, up to which end of its log this node has fetched. */
    long[] fetchedTo() {
        return fetchedTo;
    }

    long target() {
        return target;
    }

    boolean mayBegin(long nowNs) {
        return nowNs >= afterNs;
    }

    void begin(long logEnd) {
        target = logEnd;
    }

    void ended(int peer, long recordedEnd, long nowNs) {
        if (recordedEnd >= target) {
            fetchedTo[peer] = target;
        } else {
            afterNs = nowNs + RETRY_NS;
        }
    }

    void forget() {
        Arrays.fill(fetchedTo, 0);
    }
}
