package io.tidemark.tools.config;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/** Where a node listens for NBD clients: {@code host:port} or {@code unix:/path}. */
public sealed interface NbdAddress {

    /** The address to bind or to connect to; a host name is resolved by this call. */
    SocketAddress socketAddress();

    /**
     * The URI by which a client reaches an export.
     *
     * @param export name of the export, {@code r0} or {@code r0/0}
     */
    String uri(String export);

    record Tcp(String host, int port) implements NbdAddress {
        @Override
        public SocketAddress socketAddress() {
            return new InetSocketAddress(host, port);
        }

        @Override
        public String uri(final String export) {
            return "nbd://" + this + "/" + export;
        }

        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    record Unix(Path path) implements NbdAddress {
        @Override
        public SocketAddress socketAddress() {
            return UnixDomainSocketAddress.of(path);
        }

        @Override
        public String uri(final String export) {
            return "nbd+unix:///" + export + "?socket=" + path;
        }

        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    /**
     * Reads the setting.
     *
     * @param text the setting
     * @param folder what a relative socket path starts from
     * @throws IllegalArgumentException when the text is no address; its message says what is wrong
     */
    static NbdAddress parse(final String text, final Path folder) {
        if (text.startsWith("unix:")) {
            final String path = text.substring("unix:".length());
            if (path.isEmpty()) {
                throw new IllegalArgumentException("'unix:' without a path");
            }
            return new Unix(folder.resolve(path).toAbsolutePath().normalize());
        }
        final int colon = text.lastIndexOf(':');
        final String host = colon < 0 ? "" : unbracketed(text.substring(0, colon));
        if (host.isEmpty()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is neither host:port nor unix:/path");
        }
        return new Tcp(host, port(text.substring(colon + 1)));
    }

    private static String unbracketed(final String host) {
        final boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (!bracketed && host.contains(":")) {
            throw new IllegalArgumentException(
                    "the IPv6 address " + host + " needs brackets: [" + host + "]");
        }
        return bracketed ? host.substring(1, host.length() - 1) : host;
    }

    private static int port(final String text) {
        if (text.matches("[0-9]{1,5}")) {
            final int port = Integer.parseInt(text);
            if (port >= 1 && port <= 65535) {
                return port;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is no port from 1 to 65535");
    }
}
