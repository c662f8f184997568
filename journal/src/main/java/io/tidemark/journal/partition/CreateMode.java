package io.tidemark.journal.partition;

/** What to do about a partition that is not there. */
public enum CreateMode {
    /**
     * Create a sparse file of the volume's size, durably, if nothing is there (or an empty file).
     * Devices are never created.
     */
    CREATE_IF_MISSING,
    /** Refuse. */
    MUST_EXIST
}
