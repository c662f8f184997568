/**
 * Aeron embedded in the node: media driver, archive and client, all invoked from the node's data
 * thread, so that a write passes from socket to log to peer without a hand-over between threads.
 *
 * <pre>
 *   data thread:  doWork() -> driver.invoke -> archive.invoke -> client.invoke
 *   idle:         one Selector holds the NBD sockets and the driver's UDP channels ({@link
 *                 io.tidemark.journal.aeron.UdpChannelListener} hands them out)
 * </pre>
 */
@NullMarked
package io.tidemark.journal.aeron;

import org.jspecify.annotations.NullMarked;
