package io.tidemark.tools.cli;

/**
 * A command that cannot do what it was asked. The message is one line for the operator: {@code
 * what. remedy}.
 */
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitStatus;

    CommandException(final String message, final int exitStatus) {
        super(message);
        this.exitStatus = exitStatus;
    }

    int exitStatus() {
        return exitStatus;
    }
}
