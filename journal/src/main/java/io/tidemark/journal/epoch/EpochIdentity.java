package io.tidemark.journal.epoch;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/**
 * The reign of one primary. Two epochs are the same only if all five components are equal: a number
 * alone would let two nodes that were both promoted in isolation take each other's history for
 * their own.
 *
 * @param number counts up from 1; above every number its node had seen
 * @param startPosition position of the EpochStart entry, in bytes of the log
 * @param chainHash chain hash over all entries before {@code startPosition}
 * @param node the primary
 * @param id random, drawn when the epoch was opened
 */
public record EpochIdentity(long number, long startPosition, long chainHash, UUID node, UUID id) {
    public EpochIdentity {
        requireNonNull(node, "node");
        requireNonNull(id, "id");
        if (number < 1) {
            throw new IllegalArgumentException("epoch number " + number + " is below 1");
        }
        if (startPosition < 0) {
            throw new IllegalArgumentException(
                    "epoch " + number + " starts at the negative position " + startPosition);
        }
    }
}
