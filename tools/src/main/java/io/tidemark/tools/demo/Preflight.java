package io.tidemark.tools.demo;

import io.tidemark.tools.admin.AdminClient;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.config.NbdAddress;
import io.tidemark.tools.config.NodeSettings;
import io.tidemark.tools.config.Quantities;
import io.tidemark.tools.config.TidemarkConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Looks before the nodes are started at what would otherwise make them fail half-way: each obstacle
 * is one clear line with its remedy.
 */
final class Preflight {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final long SHARED_MEMORY_BYTES = 512L << 20;

    private Preflight() {}

    static void check(final TidemarkConfig config, final Path folder, final long diskBytes) {
        for (final NodeSettings node : config.nodes()) {
            refuseSecondDemo(node, folder);
            portsAreFree(node);
        }
        if (Files.exists(SHARED_MEMORY)) {
            hasSpace(
                    SHARED_MEMORY,
                    SHARED_MEMORY_BYTES,
                    "Remove what is not needed there, or enlarge it: mount -o remount,size=1G /dev/shm");
        }
        hasSpace(folder, diskBytes, "Choose another folder with --dir, or another disk");
    }

    static void programsExist(final List<String> names) {
        for (final String name : names) {
            if (Programs.find(name).isEmpty()) {
                throw new DemoException(
                        "%s is not installed. apt-get install %s"
                                .formatted(name, Programs.PACKAGES.getOrDefault(name, name)));
            }
        }
    }

    private static void refuseSecondDemo(final NodeSettings node, final Path folder) {
        try {
            new AdminClient(node.adminSocket()).status();
        } catch (final AdminException nobodyThere) {
            return;
        }
        throw new DemoException(
                "the demo in %s is running already. Stop it, or choose another folder and other ports (--dir, --base-port, --nbd-port)"
                        .formatted(folder));
    }

    private static void portsAreFree(final NodeSettings node) {
        for (int port = node.port(); port < node.port() + NodeSettings.PORTS; port++) {
            try (DatagramChannel probe = DatagramChannel.open()) {
                probe.bind(new InetSocketAddress(node.address(), port));
            } catch (final IOException e) {
                throw taken("UDP port " + port, node, "--base-port " + (node.port() + 1000));
            }
        }
        if (node.nbd() instanceof NbdAddress.Tcp tcp) {
            try (ServerSocketChannel probe = ServerSocketChannel.open()) {
                probe.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                probe.bind(tcp.socketAddress());
            } catch (final IOException e) {
                throw taken("TCP port " + tcp.port(), node, "--nbd-port " + (tcp.port() + 10));
            }
        }
    }

    private static DemoException taken(
            final String port, final NodeSettings node, final String option) {
        return new DemoException(
                "%s of node %s is taken. Choose another one, for example %s"
                        .formatted(port, node.name(), option));
    }

    private static void hasSpace(final Path folder, final long bytes, final String remedy) {
        try {
            final FileStore store = Files.getFileStore(folder);
            if (store.getUsableSpace() < bytes) {
                throw new DemoException(
                        "%s has only %s free, the demo needs %s. %s"
                                .formatted(
                                        folder,
                                        Quantities.text(store.getUsableSpace()),
                                        Quantities.text(bytes),
                                        remedy));
            }
        } catch (final IOException e) {
            throw new DemoException(
                    "cannot look at " + folder + " (" + e.getMessage() + "). " + remedy);
        }
    }
}
