package io.tidemark.perf.peers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** Where a server listens: a port of the loopback interface or a socket in the file system. */
public sealed interface Endpoint {
    /**
     * @param port TCP
     */
    record Tcp(int port) implements Endpoint {}

    /**
     * @param path of the socket, short enough for the kernel (107 bytes)
     */
    record Unix(Path path) implements Endpoint {}

    /** Address for a client in Java. */
    default SocketAddress address() {
        return switch (this) {
            case Tcp tcp -> new InetSocketAddress(InetAddress.getLoopbackAddress(), tcp.port());
            case Unix unix -> UnixDomainSocketAddress.of(unix.path());
        };
    }

    /** Whether somebody accepts connections there. */
    default boolean isOpen() {
        try (SocketChannel probe = SocketChannel.open(address())) {
            return probe.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }
}
