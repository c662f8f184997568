package io.tidemark.tools.node;

import io.tidemark.journal.apply.ReadJob;
import io.tidemark.journal.apply.Readers;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads of what is not applied yet and cannot be read from the journal: the applier is about to
 * meet the same place, where the log is mended from a peer. Until then they are tried again, and
 * the client waits instead of getting an error. Data thread only.
 */
final class HeldReads {
    private static final long AGAIN_NS = 200_000_000L;

    private final Readers readers;
    private final long limitNs;
    private final List<ReadJob> held = new ArrayList<>();
    private final IdentityHashMap<ReadJob, Long> since = new IdentityHashMap<>();
    private long triedNs;

    /**
     * @param limitNs how long a read may wait
     */
    HeldReads(Readers readers, long limitNs) {
        this.readers = readers;
        this.limitNs = limitNs;
    }

    /** Keeps a job that is done; false if it is to be answered as it is. */
    boolean hold(ReadJob job, long nowNs) {
        if (job.failure() == null) {
            if (!since.isEmpty()) {
                since.remove(job);
            }
            return false;
        }
        if (job.unreadable() && nowNs - since.computeIfAbsent(job, j -> nowNs) < limitNs) {
            held.add(job);
            return true;
        }
        since.remove(job);
        return false;
    }

    /** Tries them again, now and then. */
    void again(long nowNs) {
        if (!held.isEmpty() && nowNs - triedNs >= AGAIN_NS) {
            triedNs = nowNs;
            held.forEach(readers::submit);
            held.clear();
        }
    }

    /** Nobody waits any more: gives them back. */
    void clear(Consumer<ReadJob> to) {
        since.clear();
        held.forEach(to);
        held.clear();
    }
}
