package io.tidemark.tools.node;

/**
 * Says in the log which reads failed: all of them while they are few, a number while a bad disk
 * fails one after the other. Data thread only.
 */
final class FailedReads {
    private static final System.Logger LOG = System.getLogger(FailedReads.class.getName());
    private static final long QUIET_NS = 1_000_000_000L;

    private final String resource;
    private long saidNs;
    private long unsaid;

    FailedReads(String resource) {
        this.resource = resource;
    }

    void failed(RuntimeException why, long nowNs) {
        if (saidNs != 0 && nowNs - saidNs < QUIET_NS) {
            unsaid++;
            return;
        }
        String others = unsaid == 0 ? "" : " (and " + unsaid + " others before)";
        LOG.log(
                System.Logger.Level.ERROR,
                "{0}: a read failed: {1}{2}",
                resource,
                why.getMessage(),
                others);
        saidNs = nowNs;
        unsaid = 0;
    }
}
