package io.tidemark.journal.replication;

import io.tidemark.journal.epoch.EpochHistory;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where a node stands with one resource.
 *
 * @param link session of the sender's link
 * @param echo the receiver's link as the sender knows it, 0 if it does not
 * @param node the sender
 * @param nodeName its name in the configuration
 * @param resource the resource's UUID, null if the sender has none yet
 * @param resourceName its name
 * @param base id of the base image, null for zero
 * @param configDigest digest of the shared configuration
 * @param recordingId in the sender's archive, -1 if none
 * @param logStart oldest position kept
 * @param logEnd end of the sender's log
 * @param highestEpoch highest epoch number it has ever seen
 * @param attempt the sender's present attempt to follow
 * @param heir if its log ends with an EpochEnd, who may open the next epoch
 */
public record Hello(
        long link,
        long echo,
        UUID node,
        String nodeName,
        @Nullable UUID resource,
        String resourceName,
        @Nullable UUID base,
        long configDigest,
        long recordingId,
        long logStart,
        long logEnd,
        long durable,
        long committed,
        long applyLimit,
        long highestEpoch,
        @Nullable UUID heir,
        Role role,
        long attempt,
        EpochHistory epochs,
        List<Volume> volumes) {

    /** Version of the control protocol. A peer with another one is refused. */
    public static final int PROTOCOL_VERSION = 1;

    /** Number and size in bytes of a volume. */
    public record Volume(int number, long sizeBytes) {}
}
