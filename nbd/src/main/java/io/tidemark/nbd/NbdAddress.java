package io.tidemark.nbd;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.InvalidPathException;

/**
 * Reads and writes listen addresses: {@code host:port}, {@code [ipv6]:port}, {@code unix:/path}.
 */
public final class NbdAddress {
    private static final String UNIX = "unix:";

    private NbdAddress() {}

    /** The address that the text names; a host name is resolved. */
    public static SocketAddress parse(String text) {
        return text.startsWith(UNIX)
                ? unix(text, text.substring(UNIX.length()))
                : inet(text, text.lastIndexOf(':'));
    }

    /** The address as {@link #parse} reads it. */
    public static String format(SocketAddress address) {
        return switch (address) {
            case UnixDomainSocketAddress unix -> UNIX + unix.getPath();
            case InetSocketAddress inet when inet.getHostString().indexOf(':') >= 0 ->
                    "[" + inet.getHostString() + "]:" + inet.getPort();
            case InetSocketAddress inet -> inet.getHostString() + ":" + inet.getPort();
            default -> address.toString();
        };
    }

    private static SocketAddress unix(String text, String path) {
        if (path.isEmpty()) {
            throw invalid(text, "the path is missing");
        }
        try {
            return UnixDomainSocketAddress.of(path);
        } catch (InvalidPathException e) {
            throw invalid(text, String.valueOf(e.getMessage()));
        }
    }

    private static SocketAddress inet(String text, int colon) {
        if (colon <= 0) {
            throw invalid(text, "the port is missing");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw invalid(text, "an IPv6 address stands in brackets");
        }
        InetSocketAddress address = new InetSocketAddress(host, port(text, colon));
        if (address.isUnresolved()) {
            throw invalid(text, "the host is unknown");
        }
        return address;
    }

    private static int port(String text, int colon) {
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (port >= 0 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw invalid(text, "the port is no number");
        }
        throw invalid(text, "the port is not between 0 and 65535");
    }

    private static NbdException invalid(String text, String why) {
        return new NbdException(
                NbdException.Code.ADDRESS_INVALID,
                "NBD address '" + text + "': " + why + "; write host:port or unix:/path");
    }
}
