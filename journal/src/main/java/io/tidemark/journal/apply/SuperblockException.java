package io.tidemark.journal.apply;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A superblock that cannot be read or stored: which, why, and what to do about it. */
public final class SuperblockException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Code {
        /** No slot is valid: damaged, or not a superblock at all. Refused whole. */
        DAMAGED,
        /** Written by a newer version, which would lose what this one does not know. */
        NEWER_VERSION,
        /** Does not fit in a slot. */
        TOO_LARGE,
        /**
         * Reading, writing or syncing failed: the node stops, and nothing is tried again over it.
         */
        IO
    }

    private final Code code;

    SuperblockException(Code code, Path file, String what, @Nullable Throwable cause) {
        super("superblock " + file + " " + what, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
