package io.tidemark.nbd;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.Channel;
import java.nio.channels.SocketChannel;
import jdk.net.ExtendedSocketOptions;

/** Small things about sockets that have no other home. */
final class Sockets {
    private static final int KEEPALIVE_IDLE_SECONDS = 10;
    private static final int KEEPALIVE_PROBE_SECONDS = 5;
    private static final int KEEPALIVE_PROBES = 3;

    private Sockets() {}

    /** Makes an accepted socket fit for a server that never waits for one client. */
    static void prepare(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        if (channel.getLocalAddress() instanceof InetSocketAddress) {
            // Without it groups of small replies wait 40 ms for the client's delayed ACK.
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            // A client whose host vanished says nothing. What it sent last may be waiting for
            // space, and must be dropped before the host is back and sends again.
            channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS);
            channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEPALIVE_PROBE_SECONDS);
            channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEPALIVE_PROBES);
        }
    }

    /** Closing is all that is left to do with the channel, whatever it says to that. */
    static void close(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            System.getLogger(Sockets.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing a socket failed", e);
        }
    }
}
