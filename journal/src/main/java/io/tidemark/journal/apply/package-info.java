/**
 * From log to partition: what is answered but not yet applied, what is applied, and what a node
 * remembers of it.
 *
 * <pre>
 *   data thread:  append -> ReadOverlay (offsets -> log addresses)  <- reads
 *   applier:      window of committed entries -> ExtentMap (last writer of each byte, in offset order) -> partition
 *                 -> fdatasync -> SuperblockStore (checkpoint)
 * </pre>
 *
 * <p>{@link io.tidemark.journal.apply.ExtentMap} is the structure below both. Every instance
 * belongs to one thread, except {@link io.tidemark.journal.apply.SuperblockStore}, which serialises
 * its callers.
 */
@NullMarked
package io.tidemark.journal.apply;

import org.jspecify.annotations.NullMarked;
