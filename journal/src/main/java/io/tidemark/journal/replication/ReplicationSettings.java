package io.tidemark.journal.replication;

import java.util.List;
import java.util.UUID;

/**
 * What the replication of one resource on one node needs to know.
 *
 * @param peers names of the other nodes
 * @param peerTimeoutNs how long the oldest reply waits for an in-sync replica that does not move
 * @param peerWaitNs how long a starting primary waits for peers that need not be heard
 * @param heirWaitNs how long the heir of a cleanly ended epoch waits for any peer
 * @param liveBytes how far a replica may be behind to become in-sync
 */
public record ReplicationSettings(
        String resource,
        String node,
        UUID nodeId,
        List<String> peers,
        Protocol protocol,
        long peerTimeoutNs,
        long peerWaitNs,
        long heirWaitNs,
        long liveBytes) {

    public ReplicationSettings {
        peers = List.copyOf(peers);
    }
}
