package io.tidemark.tools.crash;

/** A promise that was not kept, or data that nobody wrote. */
final class OracleFailure extends AssertionError {
    private static final long serialVersionUID = 1;

    OracleFailure(String message) {
        super(message);
    }

    OracleFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
