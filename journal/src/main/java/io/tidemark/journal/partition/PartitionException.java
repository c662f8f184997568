package io.tidemark.journal.partition;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A partition that cannot be used, or can no longer be: what, where, and what to do about it. */
public final class PartitionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Code {
        MISSING,
        MISSING_DIRECTORY,
        NOT_FILE_OR_BLOCK_DEVICE,
        IN_USE,
        READ_ONLY,
        NO_PERMISSION,
        TOO_SMALL,
        /**
         * A failed or short read, write, zeroing or sync: the resource stops on this node, and
         * nothing is tried again over it.
         */
        IO
    }

    private final Code code;

    PartitionException(
            Code code, Path path, String what, String remedy, @Nullable Throwable cause) {
        super("partition " + path + " " + what + ": " + remedy, cause);
        this.code = code;
    }

    PartitionException(Code code, Path path, String what, String remedy) {
        this(code, path, what, remedy, null);
    }

    public Code code() {
        return code;
    }
}
