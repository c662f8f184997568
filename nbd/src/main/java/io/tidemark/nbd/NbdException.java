package io.tidemark.nbd;

/** What went wrong while setting the server up, with where it happened and what to do about it. */
public final class NbdException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Kinds of failure, stable for scripts and tests. */
    public enum Code {
        /** Somebody else listens on the address. */
        ADDRESS_IN_USE,
        /** The address cannot be bound on this host, or by this user. */
        ADDRESS_UNUSABLE,
        /** The address cannot be read as one. */
        ADDRESS_INVALID,
        /** A limit contradicts another or the protocol. */
        CONFIG_INVALID,
        /** The selector failed: the process is out of descriptors or the selector is closed. */
        SELECT_FAILED
    }

    private final Code code;

    NbdException(Code code, String message) {
        super(message);
        this.code = code;
    }

    NbdException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
