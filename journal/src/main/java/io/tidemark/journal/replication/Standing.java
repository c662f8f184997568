package io.tidemark.journal.replication;

import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where this node's log of a resource stands after recovery: what it ends with and what is
 * remembered of it.
 *
 * @param logEnd end of the last whole request; the recording ends there
 * @param applyLimit what the partition may hold already
 * @param committed last known
 * @param highestEpoch highest number ever seen
 * @param inSync the durable in-sync set
 * @param heir if the log ends with an EpochEnd, its heir
 */
public record Standing(
        long logEnd,
        long applyLimit,
        long committed,
        long highestEpoch,
        EpochHistory epochs,
        List<UUID> inSync,
        @Nullable UUID heir) {

    /** After the log was cut at a common position to follow another node's epoch. */
    Standing cutAt(long common, long liveApplyLimit, long liveCommitted, long followedEpoch) {
        return new Standing(
                common,
                Math.min(liveApplyLimit, common),
                Math.min(liveCommitted, common),
                Math.max(highestEpoch, followedEpoch),
                epochs.upTo(common),
                inSync,
                null);
    }

    /** After this node has opened an epoch. */
    Standing opened(EpochIdentity epoch, long liveCommitted, List<UUID> members) {
        return new Standing(
                logEnd,
                applyLimit,
                liveCommitted,
                Math.max(highestEpoch, epoch.number()),
                epochs.with(epoch),
                members,
                null);
    }
}
