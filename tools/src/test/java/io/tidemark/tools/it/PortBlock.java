package io.tidemark.tools.it;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The ports of one node: four for UDP and one for NBD, below the ephemeral range. A TCP port next
 * to them is held for the block's life, so that test runs on one machine at the same time do not
 * choose the same block.
 */
final class PortBlock implements AutoCloseable {
    private static final int FIRST = 12_000;
    private static final int LAST = 32_000;
    private static final int STEP = 8;
    private static final int UDP_PORTS = 4;
    private static final int NBD = 4;
    private static final int HELD = 5;
    private static final int ATTEMPTS = 1_000;

    private final int first;
    private final ServerSocket held;

    private PortBlock(int first, ServerSocket held) {
        this.first = first;
        this.held = held;
    }

    static PortBlock reserve() throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            int first = FIRST + STEP * ThreadLocalRandom.current().nextInt((LAST - FIRST) / STEP);
            ServerSocket held = new ServerSocket();
            try {
                held.bind(loopback(first + HELD));
                probe(first);
                return new PortBlock(first, held);
            } catch (IOException taken) {
                held.close();
            }
        }
        throw new IOException("no block of free ports between " + FIRST + " and " + LAST);
    }

    private static void probe(int first) throws IOException {
        for (int port = first; port < first + UDP_PORTS; port++) {
            new DatagramSocket(loopback(port)).close();
        }
        try (ServerSocket nbd = new ServerSocket()) {
            nbd.bind(loopback(first + NBD));
        }
    }

    static SocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    int udp() {
        return first;
    }

    int nbd() {
        return first + NBD;
    }

    @Override
    public void close() throws IOException {
        held.close();
    }
}
