package io.tidemark.journal.log;

import io.tidemark.journal.JournalException;

/** The disk does not give back what was recorded at a position. */
public final class UnreadableLogException extends JournalException {
    private static final long serialVersionUID = 1L;

    UnreadableLogException(long position, String cause) {
        super(Code.FAILED, text(position, cause));
    }

    static String text(long position, String cause) {
        return "cannot read the journal at position " + position + ": " + cause;
    }
}
