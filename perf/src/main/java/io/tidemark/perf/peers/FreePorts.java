package io.tidemark.perf.peers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.DatagramChannel;
import java.util.SplittableRandom;

/** Ports of the loopback interface that nobody uses now, below the ephemeral ones. */
final class FreePorts {
    private static final int LOWEST = 20_000;
    private static final int BELOW = 32_700;
    private static final int ATTEMPTS = 1_000;

    private final SplittableRandom random = new SplittableRandom();

    /** The first of {@code count} UDP ports in a row. */
    int udp(int count) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int first = random.nextInt(LOWEST, BELOW - count);
            boolean free = true;
            for (int port = first; free && port < first + count; port++) {
                free = isUdpFree(port);
            }
            if (free) {
                return first;
            }
        }
        throw new PeerException("no free UDP ports between " + LOWEST + " and " + BELOW);
    }

    int tcp() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = random.nextInt(LOWEST, BELOW);
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            } catch (IOException taken) {
                // Then another one.
            }
        }
        throw new PeerException("no free TCP port between " + LOWEST + " and " + BELOW);
    }

    private static boolean isUdpFree(int port) {
        try (DatagramChannel probe = DatagramChannel.open()) {
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
