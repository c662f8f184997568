/**
 * The log of a resource and all that follows it: recording, durability, epochs, replication,
 * partition.
 */
@NullMarked
package io.tidemark.journal;

import org.jspecify.annotations.NullMarked;
