package io.tidemark.tools.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Reads {@code [nodes.*]}. */
final class NodesReader {
    /**
     * Bytes of a socket's path that the kernel takes ({@code sun_path} without its closing zero).
     */
    private static final int MAX_SOCKET_PATH_BYTES = 107;

    private static final int MIN_MTU_BYTES = 1408;
    private static final int MAX_MTU_BYTES = 65504;
    private static final int MTU_MULTIPLE_BYTES = 32;
    private static final long MIN_SOCKET_BUFFER_BYTES = 128 << 10;
    private static final long MAX_SOCKET_BUFFER_BYTES = 64 << 20;
    private static final long MIN_SEGMENT_BYTES = 8 << 20;
    private static final long MAX_SEGMENT_BYTES = 1 << 30;
    private static final int MAX_CONNECTIONS = 1024;
    private static final List<String> KEYS =
            List.of(
                    "address",
                    "port",
                    "directory",
                    "nbd",
                    "mtu",
                    "segment-size",
                    "socket-buffer",
                    "max-connections");

    private NodesReader() {}

    static List<NodeSettings> read(final ConfigTable nodes) {
        final List<NodeSettings> result = new ArrayList<>();
        for (final String name : nodes.keys()) {
            Names.check(nodes, name);
            final ConfigTable table = nodes.table(name, "[nodes." + name + "]");
            final NodeSettings node = node(name, table);
            for (final NodeSettings other : result) {
                refuseClash(table, node, other);
            }
            result.add(node);
        }
        if (result.isEmpty()) {
            throw nodes.error("there are no nodes", "Add a table [nodes.NAME] for each node");
        }
        return result;
    }

    private static NodeSettings node(final String name, final ConfigTable table) {
        table.allowOnly(KEYS);
        return new NodeSettings(
                name,
                table.string("address", "address = \"127.0.0.1\""),
                table.integer("port", "port = 7400", 1024, 65536 - NodeSettings.PORTS),
                directory(table),
                nbd(table),
                mtu(table),
                segmentBytes(table),
                (int)
                        Math.min(
                                table.sizeOr(
                                        "socket-buffer",
                                        NodeSettings.DEFAULT_SOCKET_BUFFER_BYTES,
                                        MIN_SOCKET_BUFFER_BYTES,
                                        "It must hold a datagram and what the kernel adds to it"),
                                MAX_SOCKET_BUFFER_BYTES),
                table.integer("max-connections", 1, MAX_CONNECTIONS)
                        .orElse(NodeSettings.DEFAULT_MAX_CONNECTIONS));
    }

    private static Path directory(final ConfigTable table) {
        final String text = table.string("directory", "directory = \"alpha\"");
        final Path directory = table.folder().resolve(text).normalize();
        final int bytes =
                directory.resolve("admin.sock").toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_SOCKET_PATH_BYTES) {
            throw table.error(
                    "directory",
                    "the path of the admin socket in " + directory + " has " + bytes + " bytes",
                    "Choose a shorter directory: the system takes "
                            + MAX_SOCKET_PATH_BYTES
                            + " bytes");
        }
        return directory;
    }

    private static NbdAddress nbd(final ConfigTable table) {
        final String text = table.string("nbd", "nbd = \"127.0.0.1:10809\"");
        try {
            return NbdAddress.parse(text, table.folder());
        } catch (final IllegalArgumentException e) {
            throw table.error(
                    "nbd",
                    "'nbd': " + e.getMessage(),
                    "As in nbd = \"127.0.0.1:10809\" or nbd = \"unix:/run/tidemark.sock\"");
        }
    }

    private static int segmentBytes(final ConfigTable table) {
        final long bytes =
                table.sizeOr(
                        "segment-size",
                        NodeSettings.DEFAULT_SEGMENT_BYTES,
                        MIN_SEGMENT_BYTES,
                        "A segment holds whole terms of the log");
        if (bytes > MAX_SEGMENT_BYTES || Long.bitCount(bytes) != 1) {
            throw table.error(
                    "segment-size",
                    "'segment-size' is no power of two up to 1 GiB",
                    "As in segment-size = \"64 MiB\"");
        }
        return (int) bytes;
    }

    private static OptionalInt mtu(final ConfigTable table) {
        final OptionalInt mtu = table.integer("mtu", MIN_MTU_BYTES, MAX_MTU_BYTES);
        if (mtu.isPresent() && mtu.getAsInt() % MTU_MULTIPLE_BYTES != 0) {
            final int down = mtu.getAsInt() - mtu.getAsInt() % MTU_MULTIPLE_BYTES;
            throw table.error(
                    "mtu",
                    "'mtu' is no multiple of " + MTU_MULTIPLE_BYTES,
                    "Choose " + down + " or " + (down + MTU_MULTIPLE_BYTES));
        }
        return mtu;
    }

    private static void refuseClash(
            final ConfigTable table, final NodeSettings node, final NodeSettings other) {
        if (!node.sharesHostWith(other)) {
            return;
        }
        if (Math.abs(node.port() - other.port()) < NodeSettings.PORTS) {
            throw table.error(
                    "port",
                    "node '%s' uses the UDP ports %s, node '%s' on the same host %s"
                            .formatted(node.name(), ports(node), other.name(), ports(other)),
                    "Keep them at least " + NodeSettings.PORTS + " apart");
        }
        if (node.directory().startsWith(other.directory())
                || other.directory().startsWith(node.directory())) {
            throw table.error(
                    "directory",
                    "the directories of the nodes '%s' and '%s' on the same host overlap"
                            .formatted(node.name(), other.name()),
                    "Give each node a directory of its own");
        }
        if (node.nbd().equals(other.nbd())) {
            throw table.error(
                    "nbd",
                    "the nodes '%s' and '%s' on the same host share the NBD address %s"
                            .formatted(node.name(), other.name(), node.nbd()),
                    "Give each node an address of its own");
        }
    }

    private static String ports(final NodeSettings node) {
        return node.port() + " to " + (node.port() + NodeSettings.PORTS - 1);
    }
}
