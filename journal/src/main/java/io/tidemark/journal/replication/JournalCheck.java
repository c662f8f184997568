package io.tidemark.journal.replication;

import io.tidemark.journal.JournalException;
import io.tidemark.journal.apply.Superblock;

/**
 * Whether what was found of a log is at least what the superblock knows to have been there. Refuses
 * before anything is cut or appended; stateless.
 */
final class JournalCheck {
    private JournalCheck() {}

    /** There is no recording, so there must never have been one. */
    static void noneExpected(ResourceConfig config, Superblock superblock) {
        if (superblock.durable() > 0 || superblock.applyLimit() > 0) {
            throw new JournalException(
                    JournalException.Code.DAMAGED,
                    "the journal of "
                            + config.replication().resource()
                            + " is not there, but it was durable up to position "
                            + superblock.durable()
                            + " and the partition holds what lies below "
                            + superblock.checkpoint()
                            + ": restore the node's directory. Or start over as a new replica, if a"
                            + " peer has it all: move the node's directory and its partitions away,"
                            + " then tools/bin/replica CONFIG NODE");
        }
    }
}
