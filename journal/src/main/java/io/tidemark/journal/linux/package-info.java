/**
 * The calls of 64-bit Linux that Java has no name for, and what is built on one of them alone. Used
 * by whatever touches files and devices; knows nothing of logs or partitions. Any thread.
 */
@NullMarked
package io.tidemark.journal.linux;

import org.jspecify.annotations.NullMarked;
