package io.tidemark.tools.demo;

import io.tidemark.tools.config.TidemarkConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The demo's folder: its configuration, the nodes' directories, partitions and logs.
 *
 * @param folder absolute
 */
record DemoFiles(Path folder) {
    static final String RESOURCE = "r0";
    static final String FIRST = "alpha";
    static final String SECOND = "beta";
    static final int DEFAULT_BASE_PORT = 7400;
    static final int DEFAULT_NBD_PORT = 10809;

    /** Ports between the first ports of the two nodes. */
    static final int NODE_PORT_STEP = 100;

    DemoFiles {
        folder = folder.toAbsolutePath().normalize();
    }

    Path config() {
        return folder.resolve("tidemark.toml");
    }

    Path log(final String node) {
        return folder.resolve(node + ".log");
    }

    /**
     * Loads the configuration; writes it first if there is none yet or other ports are asked for.
     *
     * @param basePort first UDP port of alpha, 0 for what the file says or the default
     * @param nbdPort NBD port of alpha, beta has the next one; 0 for what the file says or the
     *     default
     */
    TidemarkConfig prepare(final int basePort, final int nbdPort) {
        try {
            Files.createDirectories(folder);
            if (basePort != 0 || nbdPort != 0 || !Files.exists(config())) {
                Files.writeString(
                        config(),
                        text(
                                basePort == 0 ? DEFAULT_BASE_PORT : basePort,
                                nbdPort == 0 ? DEFAULT_NBD_PORT : nbdPort));
            }
        } catch (final IOException e) {
            throw new DemoException(
                    "cannot write to "
                            + folder
                            + " ("
                            + e.getMessage()
                            + "). Choose a folder with --dir");
        }
        return TidemarkConfig.load(config());
    }

    /** True once both nodes have been ready: from then on they remember their roles. */
    boolean startedBefore() {
        return Files.exists(marker());
    }

    void rememberStart() throws IOException {
        if (!startedBefore()) {
            Files.createFile(marker());
        }
    }

    private Path marker() {
        return folder.resolve(".started");
    }

    private static String text(final int basePort, final int nbdPort) {
        return """
        # Written by tidemark demo. Both nodes run on this host.
        [nodes.alpha]
        address   = "127.0.0.1"
        port      = %d
        directory = "alpha"
        nbd       = "127.0.0.1:%d"

        [nodes.beta]
        address   = "127.0.0.1"
        port      = %d
        directory = "beta"
        nbd       = "127.0.0.1:%d"

        [resources.r0]
        protocol = "C"

        [resources.r0.volumes.0]
        size = "1 GiB"
        partitions.alpha = "alpha.img"
        partitions.beta  = "beta.img"
        """
                .formatted(basePort, nbdPort, basePort + NODE_PORT_STEP, nbdPort + 1);
    }
}
