/**
 * The node: the only place that knows all parts and puts them together.
 *
 * <pre>
 *   data thread ({@link io.tidemark.tools.node.DutyCycle}), one cycle:
 *     Aeron stack -> peers' messages -> each resource (positions, replication) -> replies released by
 *     {@link io.tidemark.tools.node.Sequencer} -> NBD server (sockets read, requests submitted, replies written) -> commands
 * </pre>
 *
 * A write comes from the NBD server to a volume's {@link io.tidemark.tools.node.Front}, goes
 * through the resource's sequencer into the log and is answered from there when the replication
 * state says so.
 */
@NullMarked
package io.tidemark.tools.node;

import org.jspecify.annotations.NullMarked;
