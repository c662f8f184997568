/**
 * How fast Tidemark is, measured: a comparison with other servers, the cost of nodes at rest, and
 * benchmarks of the parts. {@code tools/bin/perf} is the way in, docs/perf.md says what the figures
 * mean.
 *
 * <pre>
 *   Perf ---> compare ---> peers  (child processes)
 *                |-------> load   (the load generator, in this process)
 *        ---> idle ------> peers
 *   jmh       run by JMH's own main class
 * </pre>
 */
@NullMarked
package io.tidemark.perf;

import org.jspecify.annotations.NullMarked;
