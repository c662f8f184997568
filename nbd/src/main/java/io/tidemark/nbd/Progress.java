package io.tidemark.nbd;

/**
 * Tells a slow client from one that holds memory and only pretends to go on: a byte now and then is
 * no progress, {@value #STEP_BYTES} bytes are. Data thread only.
 */
final class Progress {
    private static final int STEP_BYTES = 16 * 1024;

    private long sinceNs;
    private long bytes;

    void restart(long nowNs) {
        sinceNs = nowNs;
        bytes = 0;
    }

    void moved(long more, long nowNs) {
        bytes += more;
        if (bytes >= STEP_BYTES) {
            restart(nowNs);
        }
    }

    boolean stalled(long nowNs, long timeoutNs) {
        return nowNs - sinceNs >= timeoutNs;
    }
}
