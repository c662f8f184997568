package io.tidemark.journal.replication;

import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import io.tidemark.journal.log.ChainHash;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The log of a simulated node: entries instead of bytes, and how much of it a power cut leaves. */
final class SimLog {
    /**
     * @param last whether a request ends with it
     * @param chain of all entries up to and with this one
     */
    record Entry(
            long start,
            long end,
            boolean first,
            boolean last,
            long chain,
            @Nullable EpochIdentity epoch,
            @Nullable List<UUID> inSync,
            @Nullable UUID heir) {}

    /** What recovery derives from the entries up to the last whole request. */
    record Scan(
            long whole, long chain, EpochHistory epochs, List<UUID> inSync, @Nullable UUID heir) {}

    private static final int CONTROL_BYTES = 96;

    private final List<Entry> entries = new ArrayList<>();
    private long durable;

    long end() {
        return entries.isEmpty() ? 0 : entries.getLast().end();
    }

    long durable() {
        return durable;
    }

    void sync(long position) {
        durable = Math.max(durable, Math.min(position, end()));
    }

    long chain() {
        return entries.isEmpty() ? ChainHash.EMPTY : entries.getLast().chain();
    }

    /** Chain hash up to a position, which is the end of an entry; -1 if it is not. */
    long chainAt(long position) {
        if (position == 0) {
            return ChainHash.EMPTY;
        }
        int index = indexOfEnd(position);
        return index < 0 ? -1 : entries.get(index).chain();
    }

    private int indexOfEnd(long position) {
        int low = 0;
        int high = entries.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long end = entries.get(middle).end();
            if (end == position) {
                return middle;
            }
            if (end < position) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    void write(int parts, int bytes, int id) {
        for (int i = 0; i < parts; i++) {
            append(bytes, i == 0, i == parts - 1, id, null, null, null);
        }
    }

    long epochStart(EpochIdentity epoch, List<UUID> inSync) {
        append(CONTROL_BYTES, true, true, epoch.hashCode(), epoch, inSync, null);
        return end();
    }

    long inSyncSet(List<UUID> members) {
        append(CONTROL_BYTES, true, true, members.hashCode(), null, members, null);
        return end();
    }

    long epochEnd(UUID heir) {
        append(CONTROL_BYTES, true, true, heir.hashCode(), null, null, heir);
        return end();
    }

    private void append(
            int bytes,
            boolean first,
            boolean last,
            int id,
            @Nullable EpochIdentity epoch,
            @Nullable List<UUID> inSync,
            @Nullable UUID heir) {
        long start = end();
        long chain = ChainHash.next(chain(), start, id, bytes);
        entries.add(new Entry(start, start + bytes, first, last, chain, epoch, inSync, heir));
    }

    /**
     * Records the next entry of another log; false if there is none, or none that begins where this
     * log ends.
     */
    boolean copyNext(SimLog source) {
        long end = end();
        int next = end == 0 ? 0 : source.indexOfEnd(end) + 1;
        if ((end > 0 && next == 0) || next >= source.entries.size()) {
            return false;
        }
        // The chain is of this log: a foreign continuation must not look like the source's history.
        Entry e = source.entries.get(next);
        long chain =
                chain() == source.chainAt(end)
                        ? e.chain()
                        : ChainHash.next(chain(), end, (int) e.chain(), 0);
        entries.add(
                new Entry(
                        e.start(),
                        e.end(),
                        e.first(),
                        e.last(),
                        chain,
                        e.epoch(),
                        e.inSync(),
                        e.heir()));
        return true;
    }

    /** Whether the other log has an entry boundary where this one ends. */
    boolean continuedBy(SimLog source) {
        return end() == 0 || source.indexOfEnd(end()) >= 0;
    }

    void cut(long position) {
        while (end() > position) {
            entries.removeLast();
        }
        durable = Math.min(durable, end());
    }

    /** The power fails: of what is not durable a first part may have reached the disk. */
    void loseUnsynced(long kept) {
        cut(Math.max(durable, Math.min(kept, end())));
        while (end() < durable) {
            throw new IllegalStateException("lost what was durable");
        }
    }

    /** Highest end of a whole request at or below a position. */
    long wholeAt(long position) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            Entry entry = entries.get(i);
            if (entry.last() && entry.end() <= position) {
                return entry.end();
            }
        }
        return 0;
    }

    Scan scan() {
        long whole = 0;
        long chain = ChainHash.EMPTY;
        EpochHistory epochs = EpochHistory.EMPTY;
        List<UUID> inSync = List.of();
        UUID heir = null;
        long previous = ChainHash.EMPTY;
        boolean midRequest = false;
        for (Entry entry : entries) {
            if (entry.first() && midRequest) {
                whole = entry.start();
                chain = previous;
            }
            EpochIdentity epoch = entry.epoch();
            if (epoch != null) {
                if (epoch.startPosition() != entry.start() || epoch.chainHash() != previous) {
                    throw new AssertionError(
                            epoch + " starts on another history, at " + entry.start());
                }
                epochs = epochs.with(epoch);
            }
            if (entry.inSync() != null) {
                inSync = entry.inSync();
            }
            heir = entry.inSync() != null && entry.epoch() == null ? heir : entry.heir();
            midRequest = !entry.last();
            previous = entry.chain();
            if (entry.last()) {
                whole = entry.end();
                chain = previous;
            }
        }
        return new Scan(whole, chain, epochs, inSync, heir);
    }
}
