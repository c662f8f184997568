package io.tidemark.journal.replication;

import io.tidemark.journal.JournalException;
import io.tidemark.journal.apply.SuperblockException;
import io.tidemark.journal.partition.PartitionException;

/** The log line of a resource that stops on this node (I10). Any thread. */
final class StopNotice {
    private static final System.Logger LOG = System.getLogger(StopNotice.class.getName());

    private StopNotice() {}

    /** One line if the cause says it all, with a stack trace if it is a bug. */
    static void log(
            String resource, RuntimeException cause, long recorded, long durable, long applied) {
        String line =
                "%s has stopped on this node: %s (recorded %d, durable %d, applied %d)"
                        .formatted(resource, cause.getMessage(), recorded, durable, applied);
        switch (cause) {
            case JournalException _, PartitionException _, SuperblockException _ ->
                    LOG.log(System.Logger.Level.ERROR, line);
            default -> LOG.log(System.Logger.Level.ERROR, line, cause);
        }
    }
}
