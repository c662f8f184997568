package io.tidemark.journal.replication;

import io.tidemark.journal.log.ControlEntries;
import io.tidemark.journal.log.LogAppender;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The entries that the primary itself appends while it reigns: changes of the in-sync set, seals,
 * the epoch's end. They wait for a request that is appended in part (I7). A new set goes to the
 * superblock once its entry is durable here: before, a power cut could take it back.
 *
 * <p>Data thread only.
 */
final class ControlAppends {
    private static final long SEAL_BYTES = 16L * 1024 * 1024;

    private final ReplicationState state;
    private final Projection projection;
    private final SyncDemand demand;
    private final JournalRoom room;
    private @Nullable List<UUID> setToAppend;
    private @Nullable List<UUID> setToStore;
    private long setEnd;
    private long setStoreNumber;
    private @Nullable UUID heirToAppend;
    private @Nullable UUID heir;
    private boolean endSealed;
    private long sealed;

    ControlAppends(
            ReplicationState state, Projection projection, SyncDemand demand, JournalRoom room) {
        this.state = state;
        this.projection = projection;
        this.demand = demand;
        this.room = room;
    }

    /** The reign is over; what was not appended never will be. */
    void reset() {
        setToAppend = null;
        setToStore = null;
        setStoreNumber = 0;
        heirToAppend = null;
        heir = null;
        endSealed = false;
    }

    /** An epoch was opened with this set, whose entry ends here. */
    void opened(List<UUID> members, long end) {
        setToStore = members;
        setEnd = end;
        sealed = end;
    }

    /** A new set is to be appended; it replaces one that is under way. */
    void changeSet(List<UUID> members) {
        setToAppend = members;
        setToStore = null;
        setStoreNumber = 0;
    }

    void endEpoch(UUID next) {
        heir = next;
        heirToAppend = next;
    }

    int doWork(@Nullable LogAppender appender, @Nullable ControlEntries entries, long durable) {
        if (appender != null && entries != null && !appender.midRequest() && room.fitsControl()) {
            appendSet(entries);
            appendEnd(entries);
            appendSeal(appender, entries);
        }
        return storeSet(durable);
    }

    private void appendSet(ControlEntries entries) {
        List<UUID> members = setToAppend;
        if (members == null) {
            return;
        }
        long end = entries.inSyncSet(state.epoch(), members, state.committed());
        if (appended(end)) {
            setToAppend = null;
            // An EpochEnd counts only as the log's last entry.
            heirToAppend = heir;
            setToStore = members;
            setEnd = end;
            demand.want(end);
            state.reign().inSyncAppended(end);
        }
    }

    private void appendEnd(ControlEntries entries) {
        UUID next = heirToAppend;
        if (next == null) {
            return;
        }
        endSealed = endSealed || appended(entries.seal(state.epoch(), state.committed()));
        if (!endSealed) {
            return;
        }
        long end = entries.epochEnd(state.epoch(), next, state.committed());
        if (appended(end)) {
            heirToAppend = null;
            demand.want(end);
            state.epochEnded(end);
        }
    }

    private void appendSeal(LogAppender appender, ControlEntries entries) {
        if (state.phase() == Phase.SERVING && appender.appended() - sealed >= SEAL_BYTES) {
            long end = entries.seal(state.epoch(), state.committed());
            if (appended(end)) {
                sealed = end;
            }
        }
    }

    private boolean appended(long end) {
        if (end == LogAppender.BACK_PRESSURED) {
            return false;
        }
        state.requestAppended(end);
        return true;
    }

    private int storeSet(long durable) {
        List<UUID> members = setToStore;
        if (members != null && durable >= setEnd) {
            long position = setEnd;
            setToStore = null;
            setStoreNumber = projection.store(sb -> sb.withInSync(members, position));
        }
        if (setStoreNumber != 0 && projection.stored(setStoreNumber)) {
            setStoreNumber = 0;
            state.reign().inSyncStored();
            return 1;
        }
        return 0;
    }
}
