/**
 * One ordered log per resource: entries, appending, the recording's segment files, durability and
 * reading back.
 *
 * <pre>
 *   {@link io.tidemark.journal.log.LogAppender} -> Aeron publication -> archive -> segment files
 *                                                                       |         ^
 *                     {@link io.tidemark.journal.log.JournalSyncer} fdatasync ----+         |
 *                     {@link io.tidemark.journal.log.LogReader}, {@link io.tidemark.journal.log.EntryCursor} read ---+
 * </pre>
 *
 * {@link io.tidemark.journal.log.SpaceKeeper} allocates the segment files ahead of the archive, out
 * of what {@link io.tidemark.journal.log.JournalDisk} has.
 *
 * <p>Appending and positions belong to the data thread; reading and syncing have threads of their
 * own and share nothing but positions and files.
 */
@NullMarked
package io.tidemark.journal.log;

import org.jspecify.annotations.NullMarked;
