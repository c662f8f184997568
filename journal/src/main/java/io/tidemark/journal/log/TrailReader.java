package io.tidemark.journal.log;

import io.tidemark.codec.log.EpochEndDecoder;
import io.tidemark.codec.log.EpochIdentityDecoder;
import io.tidemark.codec.log.EpochStartDecoder;
import io.tidemark.codec.log.InSyncSetDecoder;
import io.tidemark.codec.log.SealDecoder;
import io.tidemark.journal.JournalException;
import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Follows a log entry by entry: running chain hash, request boundaries, epochs, in-sync set.
 * Verifies seals on the way. One per walk; allocates only for the rare entries.
 */
public final class TrailReader {
    private final Members members = new Members();
    private final EpochEndDecoder epochEnd = new EpochEndDecoder();
    private final SealDecoder seal = new SealDecoder();
    private long chain;
    private int nextPart;
    private long wholeEnd;
    private long lastEnd;
    private long wholeChain;
    private EpochHistory epochs;
    private List<UUID> inSync;
    private long inSyncPosition;
    private @Nullable UUID heir;
    private @Nullable UUID resource;
    private long committed;

    /** Begins at a request boundary. */
    public TrailReader(Trail from) {
        this(from, 0);
    }

    /**
     * The same.
     *
     * @param committedBefore highest committed position that entries before it carried
     */
    TrailReader(Trail from, long committedBefore) {
        committed = committedBefore;
        chain = from.chain();
        wholeEnd = from.position();
        lastEnd = wholeEnd;
        wholeChain = chain;
        epochs = from.epochs();
        inSync = from.inSync();
        inSyncPosition = from.inSyncPosition();
        heir = from.heir();
        resource = from.resource();
    }

    /**
     * Takes the cursor's entry in.
     *
     * @return true if it begins a request: whatever part of an earlier one is unfinished is void
     *     (I7)
     * @throws JournalException if a seal or an epoch contradicts what was read
     */
    public boolean entry(EntryCursor cursor) {
        int part = cursor.header().part();
        boolean begins = part == 0;
        if (!begins && part != nextPart) {
            throw damaged(cursor, "part " + part + " of a request follows part " + (nextPart - 1));
        }
        if (begins && nextPart != 0) {
            // What was unfinished is void from here on, so a walk may begin again behind it.
            wholeEnd = cursor.position();
            wholeChain = chain;
        }
        committed = Math.max(committed, cursor.header().committed());
        if (cursor.templateId() >= EpochStartDecoder.TEMPLATE_ID) {
            rareEntry(cursor);
        } else {
            heir = null;
        }
        chain = cursor.chainAfter(chain);
        lastEnd = cursor.endPosition();
        if (cursor.lastOfRequest()) {
            nextPart = 0;
            wholeEnd = cursor.endPosition();
            wholeChain = chain;
        } else {
            nextPart = part + 1;
        }
        return begins;
    }

    /**
     * The heir stays what it is behind a change of the in-sync set and a seal: a member that left
     * while the epoch ended may have seen the end, and count on it.
     */
    private void rareEntry(EntryCursor cursor) {
        int body = cursor.entryOffset() + EntryLayout.MESSAGE_HEADER;
        switch (cursor.templateId()) {
            case EpochStartDecoder.TEMPLATE_ID -> {
                EpochStartDecoder epochStart = members.epochStart(cursor);
                EpochIdentityDecoder identity = epochStart.epoch();
                EpochIdentity epoch =
                        new EpochIdentity(
                                identity.number(),
                                identity.startPosition(),
                                identity.chainHash(),
                                new UUID(identity.nodeHigh(), identity.nodeLow()),
                                new UUID(identity.idHigh(), identity.idLow()));
                if (epoch.startPosition() != lastEnd || epoch.chainHash() != chain) {
                    throw damaged(cursor, "epoch " + epoch.number() + " starts on another history");
                }
                resource = new UUID(epochStart.resourceHigh(), epochStart.resourceLow());
                epochs = epochs.with(epoch);
                heir = null;
                set(members.of(epochStart, cursor), cursor.position());
            }
            case EpochEndDecoder.TEMPLATE_ID -> {
                epochEnd.wrap(cursor.buffer(), body, cursor.blockLength(), cursor.version());
                heir = new UUID(epochEnd.heirHigh(), epochEnd.heirLow());
            }
            case InSyncSetDecoder.TEMPLATE_ID -> set(members.ofSet(cursor), cursor.position());
            case SealDecoder.TEMPLATE_ID -> {
                seal.wrap(cursor.buffer(), body, cursor.blockLength(), cursor.version());
                if (seal.chainHash() != chain) {
                    throw damaged(cursor, "a seal contradicts the entries before it");
                }
            }
            default -> heir = null;
        }
    }

    private void set(List<UUID> nodes, long position) {
        inSync = List.copyOf(nodes);
        inSyncPosition = position;
    }

    private static JournalException damaged(EntryCursor cursor, String what) {
        return new JournalException(
                JournalException.Code.DAMAGED,
                "the log is damaged at position " + cursor.position() + ": " + what);
    }

    /** End of the last whole request, or of void entries before an unfinished one. */
    public long wholeEnd() {
        return wholeEnd;
    }

    /** Highest committed position that an entry carried. */
    public long committed() {
        return committed;
    }

    /** The trail at {@link #wholeEnd}. */
    public Trail trail() {
        return new Trail(wholeEnd, wholeChain, epochs, inSync, inSyncPosition, heir, resource);
    }
}
