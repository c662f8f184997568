package io.tidemark.journal.log;

import org.jspecify.annotations.Nullable;

/**
 * Looks for valid entries in a stretch of log of which it is not known where frames begin: every
 * place where one may begin is tried. Uses up the reader's window.
 */
final class EntrySearch {
    private final LogReader reader;
    private final long end;
    private long position;
    private int next;
    private @Nullable EntryCursor cursor;

    /**
     * @param from where to look first, a multiple of 32
     * @param end of the stretch
     */
    EntrySearch(LogReader reader, long from, long end) {
        this.reader = reader;
        this.position = from;
        this.end = end;
    }

    /**
     * The next valid entry, or null if there is none; one that lies where two windows overlap comes
     * twice.
     */
    @Nullable EntryCursor next() {
        while (position < end) {
            EntryCursor looking = cursor;
            if (looking == null) {
                looking = reader.loadOrZero(position, end);
                cursor = looking;
                next = 0;
            }
            if (looking.find(next)) {
                next = (int) (looking.endPosition() - position);
                return looking;
            }
            if (end - position <= reader.capacity()) {
                return null;
            }
            // Pieces overlap by a frame, so that each lies in one of them whole.
            position += reader.capacity() - Math.min(EntryLayout.MAX_FRAME, reader.capacity() / 2);
            position &= -32L;
            cursor = null;
        }
        return null;
    }
}
