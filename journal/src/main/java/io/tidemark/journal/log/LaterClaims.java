package io.tidemark.journal.log;

import io.tidemark.codec.log.EpochStartDecoder;
import io.tidemark.codec.log.InSyncSetDecoder;
import java.util.UUID;

/**
 * What entries behind an invalid one claim of it. Each carries the tide mark as of its append, and
 * where that waited for this node, whatever lies below was durable here and is damaged now. Where
 * it did not, for a node that was dropped from the in-sync set while it lagged, it proves nothing:
 * what was recorded last may have torn anywhere.
 *
 * <p>So the set is followed on the way. Behind a further gap a change of it may be hidden: a node
 * that was in the set at the first one counts as if it still were. That is too much rather than too
 * little: what was never lost is then asked of a peer instead of fetched after a cut.
 */
final class LaterClaims {
    private final LogReader reader;
    private final UUID self;
    private final Members members = new Members();
    private final boolean before;
    private boolean reigns;
    private boolean member;

    /**
     * @param self this node
     * @param walk has read all up to the invalid entry
     */
    LaterClaims(LogReader reader, UUID self, TrailReader walk) {
        Trail trail = walk.trail();
        var last = trail.epochs().last();
        this.reader = reader;
        this.self = self;
        this.reigns = last != null && last.node().equals(self);
        this.member = trail.inSync().contains(self);
        this.before = reigns || member;
    }

    /**
     * The first committed position above the invalid entry that proves it durable here, 0 if there
     * is none. Uses up the reader's window.
     */
    long committed(long invalid, long recordingEnd) {
        EntrySearch search = new EntrySearch(reader, invalid, recordingEnd);
        long end = -1;
        for (EntryCursor entry = search.next(); entry != null; entry = search.next()) {
            if (end >= 0 && entry.position() > end) {
                member |= before;
            }
            if (entry.position() >= end) {
                if (entry.header().committed() > invalid && (reigns || member)) {
                    return entry.header().committed();
                }
                follow(entry);
                end = entry.endPosition();
            }
        }
        return 0;
    }

    private void follow(EntryCursor entry) {
        switch (entry.templateId()) {
            case EpochStartDecoder.TEMPLATE_ID -> {
                EpochStartDecoder start = members.epochStart(entry);
                UUID opener = new UUID(start.epoch().nodeHigh(), start.epoch().nodeLow());
                reigns = self.equals(opener);
                member = members.of(start, entry).contains(self);
            }
            case InSyncSetDecoder.TEMPLATE_ID -> member = members.ofSet(entry).contains(self);
            default -> {}
        }
    }
}
