package io.tidemark.tools.admin;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * Space for a resource's journal on a node.
 *
 * @param full whether requests wait, or nothing is recorded, because the disk has no space
 * @param reservedBytes beyond the log's end that are sure to find space
 * @param freeBytes of the journal's file system
 * @param missingBytes that have to become free before it goes on; 0 if it is not full
 * @param directory of the journal
 */
@JsonPropertyOrder({"full", "reserved_bytes", "free_bytes", "missing_bytes", "directory"})
public record JournalStatus(
        boolean full, long reservedBytes, long freeBytes, long missingBytes, String directory) {
    /** What a node says that knows nothing of it. */
    public static final JournalStatus UNKNOWN = new JournalStatus(false, 0, 0, 0, "");
}
