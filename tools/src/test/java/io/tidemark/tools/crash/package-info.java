/**
 * The crash oracle: what a power cut may leave of recorded disks, what clients were promised, and
 * whether restarted nodes keep those promises.
 *
 * <pre>
 *   DiskOps of a recorded run --> CrashStates --> folder --> node processes --> volume, journal
 *                                                                                   |
 *   clients' History (what was sent and answered, when) ----> Promises ----> verdict &lt;+
 * </pre>
 *
 * Nothing here trusts the code under test for the verdict on a volume: every sector says which
 * request wrote it. {@link io.tidemark.tools.crash.Saboteur} breaks single methods of a node to
 * prove that the oracle sees it.
 */
@NullMarked
package io.tidemark.tools.crash;

import org.jspecify.annotations.NullMarked;
