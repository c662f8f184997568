package io.tidemark.journal.replication;

import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a node can tell of its own log when a peer asks for a stretch of it: whether both logs are
 * the same up to where the peer's is damaged, and where nothing valid follows there, also to its
 * end. Without the second a node on another branch of the same epoch could fill in what it has.
 *
 * <p>A pure function of what is known.
 *
 * @param start oldest position kept
 * @param recorded end of the log
 * @param read up to where it was read and is valid, so that its epochs are known
 * @param epochs those that it holds up to there
 * @param durable up to where it was durable, as the superblock remembers
 * @param remembered its epochs to there as the superblock remembers them, null if not all are known
 */
record OwnLog(
        long start,
        long recorded,
        long read,
        EpochHistory epochs,
        long durable,
        @Nullable EpochHistory remembered) {

    /** Why a request is refused, or empty. */
    String problem(RangeRequest request) {
        if (request.from() < 0
                || request.damagedFrom() < 0
                || request.from() < request.damagedFrom()
                || request.from() % 32 != 0
                || request.bytes() <= 0) {
            return "a request that makes no sense";
        }
        if (request.from() >= recorded || request.end() > recorded) {
            return "its log ends at position " + recorded;
        }
        if (request.from() < start) {
            return "its log begins at position " + start;
        }
        if (read < request.damagedFrom()) {
            return "it has read its own log only up to position " + read + " yet";
        }
        if (!Objects.equals(epochs.upTo(request.damagedFrom()).last(), request.epoch())) {
            return "its log is of another history before position " + request.damagedFrom();
        }
        return endProblem(request);
    }

    private String endProblem(RangeRequest request) {
        EpochIdentity theirs = request.endEpoch();
        if (theirs == null) {
            return "";
        }
        EpochHistory known;
        if (read >= request.end()) {
            known = epochs;
        } else if (remembered != null && durable >= request.end()) {
            known = remembered;
        } else {
            return "it has read its own log only up to position " + read + " yet";
        }
        return theirs.equals(known.upTo(request.end()).last())
                ? ""
                : "its log is of another history before position " + request.end();
    }
}
