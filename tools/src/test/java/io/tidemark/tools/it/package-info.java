/**
 * Whole nodes under test: real processes, real clients, real kills. {@link Cluster} holds the nodes
 * of one test, {@link NodeProcess} is one of them, the rest are clients and comparisons. Everything
 * runs on the test's thread, except the clients of a load, which have one thread each.
 *
 * <pre>
 *  test --- Cluster ---+--- NodeProcess alpha (child process) --- partition, journal
 *    |                 +--- NodeProcess beta  (child process) --- partition, journal
 *    +--- RandomClient, Load, qemu-io, nbdcopy, fio --- NBD --- alpha
 * </pre>
 */
@NullMarked
package io.tidemark.tools.it;

import org.jspecify.annotations.NullMarked;
