package io.tidemark.journal.replication;

import io.tidemark.journal.apply.VolumePartition;
import java.nio.file.Path;
import java.util.List;

/**
 * What one resource on one node is made of.
 *
 * @param key hash of the resource's name; stream id of its log and its address in control messages
 * @param digest of the configuration that all nodes share
 * @param directory of the resource on this node: superblock and branches
 * @param mtu of the log, if this node creates it
 * @param maxRequestBytes largest request of a client
 * @param unappliedLimitBytes how far appended may run ahead of applied
 * @param syncIntervalNs after which recorded bytes are made durable although nobody asks
 * @param syncBytes the same, in bytes
 * @param checkpointIntervalNs between checkpoints while something is applied
 * @param checkpointBytes the same, in bytes
 * @param applyIntervalNs how long the applier lets committed entries gather
 * @param applyBytes the same, in bytes
 */
public record ResourceConfig(
        ReplicationSettings replication,
        int key,
        long digest,
        Path directory,
        List<VolumePartition> volumes,
        int mtu,
        int maxRequestBytes,
        long unappliedLimitBytes,
        long syncIntervalNs,
        long syncBytes,
        long checkpointIntervalNs,
        long checkpointBytes,
        long applyIntervalNs,
        long applyBytes) {

    public ResourceConfig {
        volumes = List.copyOf(volumes);
        if (unappliedLimitBytes < 2L * maxRequestBytes) {
            throw new IllegalArgumentException(
                    "unapplied limit "
                            + unappliedLimitBytes
                            + " is below twice the largest request "
                            + maxRequestBytes);
        }
    }

    /** Stream id of the log. */
    public int streamId() {
        return key;
    }
}
