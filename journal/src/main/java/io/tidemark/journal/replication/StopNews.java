package io.tidemark.journal.replication;

/**
 * Tells all peers that a resource does not run on this node and why, so that no reply waits for it
 * and nobody takes the node for one that may be back any moment. Says so again every second: a
 * message may be lost, and a peer may come later.
 *
 * <p>Data thread only.
 */
public final class StopNews {
    private static final long AGAIN_NS = 1_000_000_000L;

    private final int resourceKey;
    private final String node;
    private final PeerLinks links;
    private long toldNs = -AGAIN_NS;

    /**
     * @param node name of this node
     */
    public StopNews(int resourceKey, String node, PeerLinks links) {
        this.resourceKey = resourceKey;
        this.node = node;
        this.links = links;
    }

    /** To be called in every duty cycle while the resource is stopped; returns 0. */
    public int tell(String why, long nowNs) {
        if (nowNs - toldNs < AGAIN_NS) {
            return 0;
        }
        toldNs = nowNs;
        Refusal refusal =
                new Refusal(Refusal.Code.STOPPED, "it has stopped on " + node + ": " + why);
        for (int i = 0; i < links.size(); i++) {
            if (links.link(i).remote() != 0) {
                links.link(i).sendRefusal(resourceKey, refusal);
            }
        }
        return 0;
    }
}
