package io.tidemark.tools.demo;

import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.config.TidemarkConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The demo's two nodes, started and stopped together. */
final class NodePair implements AutoCloseable {
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);

    private final ChildNode first;
    private final ChildNode second;

    private NodePair(final ChildNode first, final ChildNode second) {
        this.first = first;
        this.second = second;
    }

    /**
     * Starts alpha as primary and beta as replica, or both with the roles that they remember.
     *
     * @param bin folder of the launch scripts
     */
    static NodePair start(final Path bin, final DemoFiles files, final TidemarkConfig config)
            throws IOException {
        final boolean again = files.startedBefore();
        final ChildNode beta =
                start(bin.resolve(again ? "node" : "replica"), files, config, DemoFiles.SECOND);
        try {
            return new NodePair(
                    start(bin.resolve(again ? "node" : "primary"), files, config, DemoFiles.FIRST),
                    beta);
        } catch (final IOException | RuntimeException e) {
            beta.kill();
            throw e;
        }
    }

    private static ChildNode start(
            final Path script,
            final DemoFiles files,
            final TidemarkConfig config,
            final String node)
            throws IOException {
        return ChildNode.start(script, files.config(), config.node(node), files.log(node));
    }

    void awaitReady() throws InterruptedException {
        for (final ChildNode node : both()) {
            node.awaitReady(READY_TIMEOUT);
        }
    }

    ChildNode first() {
        return first;
    }

    ChildNode second() {
        return second;
    }

    List<ChildNode> both() {
        return List.of(first, second);
    }

    /** The node that says it is the primary; alpha if none does. */
    ChildNode primary() {
        return isPrimary(second) && !isPrimary(first) ? second : first;
    }

    private static boolean isPrimary(final ChildNode node) {
        try {
            return node.status().role().equals("primary");
        } catch (final AdminException e) {
            return false;
        }
    }

    /**
     * Stops the primary first, so that the other one sees the end of its epoch. True if both ended
     * well.
     */
    boolean stop() {
        final ChildNode primary = primary();
        boolean clean = primary.stop();
        for (final ChildNode node : both()) {
            if (node != primary) {
                clean &= node.stop();
            }
        }
        return clean;
    }

    @Override
    public void close() {
        both().forEach(ChildNode::kill);
    }
}
