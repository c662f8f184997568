package io.tidemark.tools.config;

import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * One {@code [nodes.NAME]}.
 *
 * @param name unique in the file
 * @param address host name or IP address that the peers reach this node at
 * @param port first of {@link #PORTS} consecutive UDP ports
 * @param directory absolute; journal, superblocks and admin socket
 * @param nbd where NBD clients connect
 * @param mtuBytes MTU of the replication channel in bytes including headers, or empty to use the
 *     default
 * @param segmentBytes size of a segment file of a journal that begins on this node
 * @param socketBufferBytes buffer asked of the kernel for each UDP socket; it may grant less
 * @param maxConnections NBD connections at a time
 */
public record NodeSettings(
        String name,
        String address,
        int port,
        Path directory,
        NbdAddress nbd,
        OptionalInt mtuBytes,
        int segmentBytes,
        int socketBufferBytes,
        int maxConnections) {
    /** UDP ports that a node uses: {@code port} to {@code port + PORTS - 1}. */
    public static final int PORTS = 4;

    static final int DEFAULT_SEGMENT_BYTES = 128 << 20;

    static final int DEFAULT_SOCKET_BUFFER_BYTES = 4 << 20;

    static final int DEFAULT_MAX_CONNECTIONS = 64;

    /** The unix domain socket that the commands talk to. */
    public Path adminSocket() {
        return directory.resolve("admin.sock");
    }

    /**
     * True if both run on one host as far as their addresses tell: all of 127/8 and localhost are
     * one host.
     */
    boolean sharesHostWith(final NodeSettings other) {
        return host().equals(other.host());
    }

    /** True if nobody on another host can reach that address. */
    public boolean onLoopback() {
        return host().equals("localhost");
    }

    private String host() {
        final String lower = address.toLowerCase(Locale.ROOT);
        final boolean loopback =
                lower.equals("localhost")
                        || lower.equals("::1")
                        || lower.matches("127(\\.[0-9]{1,3}){3}");
        return loopback ? "localhost" : lower;
    }
}
