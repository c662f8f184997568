/**
 * Reigns of primaries: who wrote which part of the log, and how two nodes find out whether they
 * mean the same.
 *
 * <p>Values only; used by the superblock, the replication state machine and readers of the log, on
 * any thread.
 */
@NullMarked
package io.tidemark.journal.epoch;

import org.jspecify.annotations.NullMarked;
