package io.tidemark.tools.cli;

/** What the commands end with. Scripts rely on it. */
public final class ExitStatus {
    /** Done. */
    public static final int OK = 0;

    /** The operation failed or was refused. */
    public static final int FAILED = 1;

    /** The command line or the configuration is wrong. */
    public static final int USAGE = 2;

    private ExitStatus() {}
}
