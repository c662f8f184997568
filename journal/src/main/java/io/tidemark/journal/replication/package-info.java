/**
 * Who is primary, who follows, what may be answered and what is committed.
 *
 * <pre>
 *   peers' messages --+                                   +--> messages to peers
 *   positions --------+--> {@link io.tidemark.journal.replication.ReplicationState} --+--> {@link io.tidemark.journal.replication.Actions}
 *   time -------------+        (pure: no I/O, no clock)    +--> answered, committed
 * </pre>
 *
 * All on the data thread.
 */
@NullMarked
package io.tidemark.journal.replication;

import org.jspecify.annotations.NullMarked;
