/**
 * The NBD server: a fixed-newstyle server on non-blocking sockets that owns no thread and no lock.
 *
 * <p>Everything here runs on the node's data thread, which calls {@link
 * io.tidemark.nbd.NbdServer#doWork()}; the server knows the block device only as {@link
 * io.tidemark.nbd.BlockDevice} and the names clients may ask for only as {@link
 * io.tidemark.nbd.Exports}.
 *
 * <pre>
 *  sockets ──► Connection ──► Negotiation ──► Transmission ──► BlockDevice.submit
 *                 ▲           (options)       receive            │
 *                 │                           validate           │ DeviceRequest
 *                 │                           perform            ▼
 *                 └────────── ReplyQueue ◄─── reply ◄─── DeviceRequest.complete
 * </pre>
 *
 * <p>One duty cycle looks at every ready socket before it submits anything, so that a request of a
 * connection that has been closed meanwhile is dropped rather than applied late. {@code EndWatch}
 * adds what reading does not show: a client's end that lies behind bytes for which there was no
 * room.
 */
@NullMarked
package io.tidemark.nbd;

import org.jspecify.annotations.NullMarked;
