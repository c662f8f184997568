package io.tidemark.tools.admin;

import static java.lang.System.Logger.Level.WARNING;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Listens on the admin socket. One daemon thread accepts, each connection has a virtual thread; the
 * number of connections is bounded, and one too many is told so and closed. {@link #close} may be
 * called from any thread.
 */
public final class AdminServer implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(AdminServer.class.getName());
    private static final int MAX_CONNECTIONS = 16;

    private final Path socket;
    private final AdminHandler handler;
    private final ServerSocketChannel listener;
    private final Semaphore slots = new Semaphore(MAX_CONNECTIONS);
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

    private AdminServer(
            final Path socket, final AdminHandler handler, final ServerSocketChannel listener) {
        this.socket = socket;
        this.handler = handler;
        this.listener = listener;
    }

    /**
     * Binds the socket and starts to accept. The folder is created if need be and closed to all but
     * its owner. A socket file on which nobody listens any more, as a killed node leaves it, is
     * replaced.
     *
     * @throws IOException when the socket cannot be bound or another process listens on it
     */
    public static AdminServer start(final Path socket, final AdminHandler handler)
            throws IOException {
        prepareFolder(socket);
        removeIfStale(socket);
        final ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(socket));
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        } catch (final IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
        final AdminServer server = new AdminServer(socket, handler, listener);
        Thread.ofPlatform().daemon().name("admin").start(server::acceptAll);
        return server;
    }

    private static void prepareFolder(final Path socket) throws IOException {
        final Path folder = socket.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static void removeIfStale(final Path socket) throws IOException {
        if (!Files.exists(socket)) {
            return;
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(socket));
        } catch (final IOException nobodyListens) {
            Files.delete(socket);
            return;
        }
        throw new IOException("another process listens on " + socket);
    }

    private void acceptAll() {
        while (listener.isOpen()) {
            try {
                serve(listener.accept());
            } catch (final IOException e) {
                if (listener.isOpen()) {
                    // Without the listener nobody can ask this node any more, but its data path
                    // needs nobody to ask.
                    LOGGER.log(WARNING, "the admin socket " + socket + " fails and is closed", e);
                    close();
                }
            }
        }
    }

    private void serve(final SocketChannel channel) {
        final AdminConnection connection = new AdminConnection(channel, handler);
        if (!slots.tryAcquire()) {
            Thread.startVirtualThread(connection::refuse);
            return;
        }
        connections.add(channel);
        Thread.startVirtualThread(
                () -> {
                    try {
                        connection.serve();
                    } finally {
                        connections.remove(channel);
                        slots.release();
                    }
                });
    }

    @Override
    public void close() {
        try {
            listener.close();
            Files.deleteIfExists(socket);
            for (final SocketChannel connection : connections) {
                connection.close();
            }
        } catch (final IOException e) {
            LOGGER.log(WARNING, "closing the admin socket " + socket, e);
        }
    }
}
