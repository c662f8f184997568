/**
 * A disk that remembers: a file system below running nodes that records every write and every sync,
 * fails on demand, and from whose record the states that a power cut may leave are made.
 *
 * <pre>
 * node process -- system calls --> kernel -- FUSE --> recording file system --> folder on the host
 *                                                            |
 *                                                            v
 *                                                    list of DiskOp --> crash states
 * </pre>
 */
@NullMarked
package io.tidemark.tools.disk;

import org.jspecify.annotations.NullMarked;
