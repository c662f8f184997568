package io.tidemark.journal.log;

import io.tidemark.journal.epoch.EpochHistory;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the log says up to a position, apart from data: everything that recovery derives from
 * reading it.
 *
 * @param position end of a whole request
 * @param chain chain hash of all entries before it
 * @param epochs epochs that start before it
 * @param inSync the in-sync set as of it
 * @param inSyncPosition position of the entry that set it
 * @param heir if the entry before it is an EpochEnd, its heir
 * @param resource the resource's UUID as its EpochStart entries name it
 */
public record Trail(
        long position,
        long chain,
        EpochHistory epochs,
        List<UUID> inSync,
        long inSyncPosition,
        @Nullable UUID heir,
        @Nullable UUID resource) {

    public static final Trail EMPTY =
            new Trail(0, ChainHash.EMPTY, EpochHistory.EMPTY, List.of(), 0, null, null);
}
