package io.tidemark.journal.replication;

import io.tidemark.journal.epoch.EpochIdentity;
import org.jspecify.annotations.Nullable;

/**
 * A node asks another for a stretch of the log, because its own is damaged.
 *
 * @param link session of the asking node's link, which the answer names
 * @param request number, which the answer names
 * @param epoch last epoch that starts before {@code damagedFrom}, null if none does: two logs with
 *     the same one are the same up to there
 * @param damagedFrom where the asking node's log stops to be valid
 * @param from start of a frame
 * @param bytes wanted at most
 * @param end up to where the answering node's log must reach, 0 if it need not: to here the asking
 *     node's log was durable
 * @param endEpoch last epoch that starts before {@code end} as the asking node remembers it outside
 *     its log, null if it does not: two logs with the same one are the same up to there
 */
record RangeRequest(
        long link,
        long request,
        @Nullable EpochIdentity epoch,
        long damagedFrom,
        long from,
        int bytes,
        long end,
        @Nullable EpochIdentity endEpoch) {}
