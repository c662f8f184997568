package io.tidemark.nbd;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** One listening socket, TCP or Unix. Data thread only. */
final class Listener implements AutoCloseable {
    private static final int BACKLOG = 128;

    private final SocketAddress address;
    private final ServerSocketChannel channel;
    private final SelectionKey key;

    private Listener(SocketAddress address, ServerSocketChannel channel, SelectionKey key) {
        this.address = address;
        this.channel = channel;
        this.key = key;
    }

    static Listener open(SocketAddress address, Selector selector) {
        ServerSocketChannel channel = null;
        try {
            if (address instanceof UnixDomainSocketAddress unix) {
                removeStale(unix);
                channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            } else {
                channel = ServerSocketChannel.open();
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            }
            channel.configureBlocking(false);
            channel.bind(address, BACKLOG);
            SelectionKey key = channel.register(selector, SelectionKey.OP_ACCEPT);
            Listener listener = new Listener(channel.getLocalAddress(), channel, key);
            key.attach(listener);
            return listener;
        } catch (IOException e) {
            if (channel != null) {
                Sockets.close(channel);
            }
            throw unusable(address, e);
        }
    }

    /** A socket file outlives its process; only one that nobody answers may be taken over. */
    private static void removeStale(UnixDomainSocketAddress address) throws IOException {
        Path path = address.getPath();
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        BasicFileAttributes attributes =
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isOther()) {
            throw new IOException("a file that is no socket is there already");
        }
        try {
            SocketChannel.open(address).close();
        } catch (ConnectException e) {
            Files.delete(path);
            return;
        }
        throw new BindException("a server answers on it");
    }

    private static NbdException unusable(SocketAddress address, IOException cause) {
        String where = NbdAddress.format(address);
        if (cause instanceof BindException && isTaken(cause)) {
            return new NbdException(
                    NbdException.Code.ADDRESS_IN_USE,
                    "NBD listen address "
                            + where
                            + " is already in use; stop the server that has it ("
                            + (address instanceof InetSocketAddress inet
                                    ? "ss -ltnp sport = :" + inet.getPort()
                                    : "ss -lxp")
                            + " names it) or configure another address",
                    cause);
        }
        return new NbdException(
                NbdException.Code.ADDRESS_UNUSABLE,
                "NBD listen address "
                        + where
                        + " cannot be bound: "
                        + cause.getMessage()
                        + "; configure an address of this host that this user may bind",
                cause);
    }

    private static boolean isTaken(IOException cause) {
        String message = String.valueOf(cause.getMessage());
        return message.contains("in use") || message.contains("answers");
    }

    /** Where it listens, with the port the system chose if 0 was asked for. */
    SocketAddress address() {
        return address;
    }

    /** The next waiting connection or null. */
    @Nullable SocketChannel accept() throws IOException {
        return channel.accept();
    }

    /** Stops or starts looking for new connections. */
    void listen(boolean on) {
        key.interestOps(on ? SelectionKey.OP_ACCEPT : 0);
    }

    @Override
    public void close() {
        Sockets.close(channel);
        if (address instanceof UnixDomainSocketAddress unix) {
            unix.getPath().toFile().delete();
        }
    }
}
