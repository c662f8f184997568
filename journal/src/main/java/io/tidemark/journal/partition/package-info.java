/**
 * The lower device or file of a volume: opened exclusively, checked before it is used, read and
 * written at offsets.
 *
 * <pre>
 *   applier, base copy, repair -> write, zero, sync -+
 *                                                    +-> Partition -> file or block device
 *   readers, base copy         -> read --------------+       |
 *                                             PartitionGuard: no one else has it
 * </pre>
 *
 * <p>Positional calls may come from several threads. Knows nothing of the log.
 */
@NullMarked
package io.tidemark.journal.partition;

import org.jspecify.annotations.NullMarked;
