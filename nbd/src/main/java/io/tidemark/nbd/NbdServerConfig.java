package io.tidemark.nbd;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * Limits of a server. The constructor validates; every limit is back-pressure or a closed
 * connection, never a failure of the server.
 *
 * @param listen addresses to listen on, at least one (see {@link NbdAddress})
 * @param maxConnections connections beyond this many are accepted and closed
 * @param maxRequestBytes longest READ or WRITE, advertised to clients, bytes
 * @param maxOutstanding requests of one connection that are not yet answered on the wire
 * @param payloadBudgetBytes memory for WRITE payloads too large for a receive buffer, all
 *     connections together; holds at least one request of the maximum size
 * @param readBudgetBytes memory for READ replies, all connections together; likewise
 * @param handshakeTimeoutNs a connection that has not entered transmission by then is closed
 * @param stallTimeoutNs a client that holds memory others wait for and makes no progress for this
 *     long is closed
 */
public record NbdServerConfig(
        List<SocketAddress> listen,
        int maxConnections,
        int maxRequestBytes,
        int maxOutstanding,
        long payloadBudgetBytes,
        long readBudgetBytes,
        long handshakeTimeoutNs,
        long stallTimeoutNs) {

    /** The protocol's portable maximum, 32 MiB. */
    public static final int DEFAULT_MAX_REQUEST_BYTES = NbdProtocol.PORTABLE_PAYLOAD;

    public NbdServerConfig {
        listen = List.copyOf(listen);
        require(!listen.isEmpty(), "listen: give at least one address");
        require(maxConnections > 0, "maxConnections: must be positive");
        require(
                maxRequestBytes >= NbdProtocol.PREFERRED_BLOCK
                        && maxRequestBytes <= NbdProtocol.PORTABLE_PAYLOAD,
                "maxRequestBytes: must be between 4096 and 33554432");
        require(
                maxOutstanding > 0 && maxOutstanding <= 1 << 16,
                "maxOutstanding: must be between 1 and 65536");
        long largestPayload = BufferBudgets.payloadBytes(maxRequestBytes);
        require(
                payloadBudgetBytes >= largestPayload,
                "payloadBudgetBytes: must hold the largest request, at least " + largestPayload);
        long largestRead = BufferBudgets.readMinimumBytes(maxRequestBytes);
        require(
                readBudgetBytes >= largestRead,
                "readBudgetBytes: must hold the largest reply, at least " + largestRead);
        require(handshakeTimeoutNs > 0, "handshakeTimeoutNs: must be positive");
        require(stallTimeoutNs > 0, "stallTimeoutNs: must be positive");
    }

    /** Defaults that keep the server's memory within 256 MiB whatever its clients do. */
    public static NbdServerConfig defaults(List<? extends SocketAddress> listen) {
        return new NbdServerConfig(
                List.copyOf(listen),
                256,
                DEFAULT_MAX_REQUEST_BYTES,
                1024,
                80L << 20,
                80L << 20,
                Duration.ofSeconds(10).toNanos(),
                Duration.ofSeconds(10).toNanos());
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new NbdException(NbdException.Code.CONFIG_INVALID, message);
        }
    }
}
