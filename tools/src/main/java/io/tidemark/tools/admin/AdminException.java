package io.tidemark.tools.admin;

/** A request that failed. The message is one line for the operator: {@code what. remedy}. */
public final class AdminException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitStatus;

    /**
     * A failure of the operation itself.
     *
     * @param message what, and what to do
     */
    public AdminException(final String message) {
        this(message, 1);
    }

    /**
     * A failure with an exit status of its own.
     *
     * @param exitStatus what the command line ends with, not 0
     */
    public AdminException(final String message, final int exitStatus) {
        super(message);
        this.exitStatus = exitStatus == 0 ? 1 : exitStatus;
    }

    /** What the command line ends with. */
    public int exitStatus() {
        return exitStatus;
    }
}
