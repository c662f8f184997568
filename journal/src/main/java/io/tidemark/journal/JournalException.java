package io.tidemark.journal;

import java.io.Serial;

/**
 * A failure of a node's log, its recording or its replication. The message says what failed, where
 * (resource, position) and what to do.
 */
public class JournalException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    /** What kind of failure; decides who acts on it. */
    public enum Code {
        /** The journal's files or the catalog cannot be used as they are. */
        DAMAGED,
        /** A write or fsync failed: the resource stops on this node (I10). */
        FAILED,
        /** The host lacks something: memory in /dev/shm, a free port, a socket buffer. */
        HOST,
        /** Aeron refused a call or stopped. */
        AERON,
    }

    private final Code code;

    public JournalException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public JournalException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
