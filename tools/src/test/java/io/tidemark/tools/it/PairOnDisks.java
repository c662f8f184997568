package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.aeron.AeronSettings;
import io.tidemark.tools.admin.AdminClient;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.AdminJson;
import io.tidemark.tools.admin.PeerStatus;
import io.tidemark.tools.admin.ResourceStatus;
import io.tidemark.tools.client.NbdClient;
import io.tidemark.tools.config.TidemarkConfig;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The two nodes of a test whose directories and partitions lie on a disk of each node's own, for
 * tests that look at disks. One resource r0 with one volume; short intervals, so that everything
 * happens soon.
 */
public final class PairOnDisks implements AutoCloseable {
    private final Map<Side, PortBlock> ports = new EnumMap<>(Side.class);
    private final Map<Side, NodeProcess> nodes = new EnumMap<>(Side.class);
    private final Map<Side, Path> disks;
    private final long volumeBytes;
    private Duration limit = Duration.ofSeconds(30);

    /** Which of the two. */
    public enum Side {
        ALPHA,
        BETA;

        /** Folder of the node's directory on its disk. */
        public String node() {
            return this == ALPHA ? "alpha" : "beta";
        }

        public Side other() {
            return this == ALPHA ? BETA : ALPHA;
        }
    }

    /**
     * Starts nothing yet.
     *
     * @param work folder for configuration and logs, not on the disks
     * @param disks folders that hold a node's directory, named like the node, and its partition
     * @param jvmOptions for the nodes' JVMs
     */
    public PairOnDisks(Path work, Map<Side, Path> disks, long volumeBytes, List<String> jvmOptions)
            throws IOException {
        this.disks = Map.copyOf(disks);
        this.volumeBytes = volumeBytes;
        for (Side side : Side.values()) {
            ports.put(side, PortBlock.reserve());
        }
        Path config = Files.writeString(work.resolve("t.toml"), config());
        TidemarkConfig loaded = TidemarkConfig.load(config);
        for (Side side : Side.values()) {
            Path log = work.resolve(side.node() + ".log");
            nodes.put(
                    side,
                    new NodeProcess(loaded.node(side.node()), config, log).jvmOptions(jvmOptions));
        }
    }

    /** How long to wait for anything, 30 s if not set. */
    public PairOnDisks limit(Duration atMost) {
        limit = atMost;
        return this;
    }

    /** Alpha as primary, beta as replica; returns once alpha serves and beta is in sync. */
    public PairOnDisks start() throws IOException, InterruptedException {
        start(Side.BETA);
        start(Side.ALPHA);
        return awaitInSync(Side.ALPHA);
    }

    /** Starts alpha as primary or beta as replica and does not wait. */
    public PairOnDisks start(Side side) throws IOException {
        return start(side, side == Side.ALPHA ? "primary" : "replica");
    }

    public PairOnDisks start(Side side, String role) throws IOException {
        node(side).start(role);
        return this;
    }

    /** Returns once one side serves and the other one is in its in-sync set. */
    public PairOnDisks awaitInSync(Side primary) throws InterruptedException {
        return await(
                primary,
                "serves in sync with the other node",
                status ->
                        status.state().equals("serving")
                                && status.inSyncSet().contains(primary.other().node())
                                && status.peers().stream().anyMatch(PeerStatus::inSync));
    }

    /** Returns once this side serves alone. */
    public PairOnDisks awaitAlone(Side primary) throws InterruptedException {
        return await(
                primary,
                "serves alone",
                status -> status.state().equals("serving") && status.inSyncSet().isEmpty());
    }

    /** Returns once the other node is in sync, or is refused because it may hold other data. */
    public PairOnDisks awaitInSyncOrDiverged(Side primary) throws InterruptedException {
        return await(
                primary,
                "has the other node in sync or diverged",
                status -> diverged(status) || status.inSyncSet().contains(primary.other().node()));
    }

    public boolean diverged(Side primary) throws IOException {
        return diverged(status(primary));
    }

    private static boolean diverged(ResourceStatus status) {
        return status.peers().stream().anyMatch(peer -> peer.state().equals("diverged"));
    }

    public PairOnDisks await(Side side, String what, Predicate<ResourceStatus> condition)
            throws InterruptedException {
        Await.until(
                side.node() + ": " + what,
                limit,
                () -> {
                    for (NodeProcess each : nodes.values()) {
                        if (each.hasDied()) {
                            throw new InterruptedException(
                                    each.name() + " has ended by itself: " + each.lines());
                        }
                    }
                    ResourceStatus status = status(side);
                    if (status.state().equals("stopped")) {
                        throw new InterruptedException(side.node() + " has stopped: " + status);
                    }
                    return condition.test(status);
                },
                () -> statuses());
        return this;
    }

    public ResourceStatus status(Side side) throws IOException {
        try {
            return node(side).status(Cluster.R0);
        } catch (AdminException e) {
            throw new IOException(side.node() + " does not say its status", e);
        }
    }

    /** Makes a node the primary by force and returns once it serves. */
    public PairOnDisks promote(Side side) throws IOException, InterruptedException {
        await(side, "answers", status -> true);
        try {
            new AdminClient(node(side).settings().adminSocket())
                    .call(
                            "promote",
                            AdminJson.object().put("resource", Cluster.R0).put("force", true),
                            limit);
        } catch (AdminException e) {
            throw new IOException(side.node() + " cannot be promoted", e);
        }
        return await(side, "serves", status -> status.state().equals("serving"));
    }

    /** SIGKILL; returns when the process is gone. */
    public PairOnDisks kill(Side side) throws IOException {
        node(side).kill();
        return this;
    }

    /** Stops the primary, then the other one, both with exit status 0. */
    public PairOnDisks stop(Side primary) throws IOException, InterruptedException {
        stopOnly(primary);
        return stopOnly(primary.other());
    }

    public PairOnDisks stopOnly(Side side) throws IOException, InterruptedException {
        node(side).stop();
        return this;
    }

    public SocketAddress nbd(Side side) {
        return node(side).nbd();
    }

    /** The volume as a client reads it. */
    public byte[] volume(Side primary) throws IOException {
        byte[] all = new byte[(int) volumeBytes];
        int step = 1 << 20;
        ByteBuffer buffer = ByteBuffer.allocateDirect(step);
        try (NbdClient client = node(primary).connect(Cluster.R0)) {
            for (int at = 0; at < all.length; at += step) {
                client.read(at, buffer.clear());
                buffer.flip().get(all, at, step);
            }
        }
        return all;
    }

    /** What the stopped nodes hold is the same; returns the number of entries in both journals. */
    public long compare() throws IOException {
        assertThat(Files.mismatch(partition(Side.ALPHA), partition(Side.BETA)))
                .as("first byte at which the partitions differ")
                .isEqualTo(-1);
        return JournalComparison.run(directory(Side.ALPHA), directory(Side.BETA));
    }

    public Path directory(Side side) {
        return disk(side).resolve(side.node());
    }

    public Path partition(Side side) {
        return disk(side).resolve("r0.img");
    }

    /** All that both nodes printed. */
    public String logs() throws IOException {
        StringBuilder all = new StringBuilder();
        for (NodeProcess node : nodes.values()) {
            all.append("==== log of ").append(node.name()).append(" ====\n").append(node.log());
        }
        return all.toString();
    }

    /** Kills what runs. */
    @Override
    public void close() throws IOException {
        for (NodeProcess node : nodes.values()) {
            node.kill();
            deleteLogBuffers(node);
        }
        for (PortBlock block : ports.values()) {
            block.close();
        }
    }

    private NodeProcess node(Side side) {
        return Objects.requireNonNull(nodes.get(side));
    }

    private Path disk(Side side) {
        return Objects.requireNonNull(disks.get(side));
    }

    private String statuses() {
        StringBuilder all = new StringBuilder();
        for (Side side : Side.values()) {
            try {
                all.append(node(side).isAlive() ? status(side) : side + " is not there");
            } catch (IOException e) {
                all.append(side).append(": ").append(e.getMessage());
            }
            all.append('\n');
        }
        return all.toString();
    }

    private String config() {
        StringBuilder text = new StringBuilder();
        for (Side side : Side.values()) {
            PortBlock block = Objects.requireNonNull(ports.get(side));
            text.append(
                    """
                    [nodes.%1$s]
                    address = "127.0.0.1"
                    port = %2$d
                    directory = "%3$s"
                    nbd = "127.0.0.1:%4$d"
                    segment-size = "8 MiB"
                    """
                            .formatted(side.node(), block.udp(), directory(side), block.nbd()));
        }
        return text.append(
                        """
                        [resources.r0]
                        peer-timeout = "2 s"
                        peer-wait = "3 s"
                        checkpoint-interval = "300 ms"
                        sync-interval = "100 ms"
                        [resources.r0.volumes.0]
                        size = %d
                        partitions.alpha = "%s"
                        partitions.beta = "%s"
                        """
                                .formatted(
                                        volumeBytes, partition(Side.ALPHA), partition(Side.BETA)))
                .toString();
    }

    private static void deleteLogBuffers(NodeProcess node) throws IOException {
        Path buffers = AeronSettings.driverDirectory(node.name(), node.settings().directory());
        if (Files.exists(buffers)) {
            try (Stream<Path> files = Files.walk(buffers)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
