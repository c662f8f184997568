package io.tidemark.journal.log;

import io.tidemark.codec.log.EpochStartDecoder;
import io.tidemark.codec.log.InSyncSetDecoder;
import io.tidemark.journal.JournalException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Reads the in-sync set out of the two kinds of entries that carry one. One thread at a time. */
final class Members {
    private static final int MAX = 64;

    private final EpochStartDecoder epochStart = new EpochStartDecoder();
    private final InSyncSetDecoder inSyncSet = new InSyncSetDecoder();

    /** The epoch's start that a cursor stands at. */
    EpochStartDecoder epochStart(EntryCursor cursor) {
        return epochStart.wrap(
                cursor.buffer(), body(cursor), cursor.blockLength(), cursor.version());
    }

    /** The set that an epoch starts with, after everything else of it was read. */
    List<UUID> of(EpochStartDecoder start, EntryCursor cursor) {
        EpochStartDecoder.InSyncDecoder group = start.inSync();
        checkCount(cursor, group.count());
        List<UUID> members = new ArrayList<>();
        while (group.hasNext()) {
            group.next();
            members.add(new UUID(group.nodeHigh(), group.nodeLow()));
        }
        return members;
    }

    /** The new set that a cursor stands at. */
    List<UUID> ofSet(EntryCursor cursor) {
        inSyncSet.wrap(cursor.buffer(), body(cursor), cursor.blockLength(), cursor.version());
        InSyncSetDecoder.InSyncDecoder group = inSyncSet.inSync();
        checkCount(cursor, group.count());
        List<UUID> members = new ArrayList<>();
        while (group.hasNext()) {
            group.next();
            members.add(new UUID(group.nodeHigh(), group.nodeLow()));
        }
        return members;
    }

    private static int body(EntryCursor cursor) {
        return cursor.entryOffset() + EntryLayout.MESSAGE_HEADER;
    }

    private static void checkCount(EntryCursor cursor, int count) {
        if (count > MAX) {
            throw new JournalException(
                    JournalException.Code.DAMAGED,
                    "the log is damaged at position "
                            + cursor.position()
                            + ": "
                            + count
                            + " members of an in-sync set");
        }
    }
}
