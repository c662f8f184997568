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
import io.tidemark.tools.disk.DiskClock;
import io.tidemark.tools.disk.RecordingDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The two nodes of a test, alpha and beta, with their folder, ports and configuration. Registered
 * as an extension: nothing is started before the test asks for it; after the test everything that
 * was started is killed, on failure the nodes' logs are printed, and the folder is deleted.
 */
final class Cluster implements BeforeEachCallback, AfterEachCallback {
    static final String R0 = "r0";
    static final Duration LIMIT = Duration.ofSeconds(30);

    private final List<PortBlock> ports = new ArrayList<>();
    private final List<NodeProcess> others = new ArrayList<>();
    private final Map<String, RecordingDisk> disks = new LinkedHashMap<>();
    private @Nullable Path folder;
    private @Nullable NodeProcess alpha;
    private @Nullable NodeProcess beta;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        // Not JUnit's own temporary folder: its path is too long for a socket.
        folder = Files.createTempDirectory("tm-it");
        ports.add(PortBlock.reserve());
        ports.add(PortBlock.reserve());
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        boolean failed =
                context.getExecutionException().isPresent() || Boolean.getBoolean("tidemark.show");
        // A process that waits for its disk cannot even be killed.
        disks.values().forEach(RecordingDisk::cure);
        for (NodeProcess node : nodes()) {
            node.kill();
            deleteLogBuffers(node);
            if (failed) {
                System.out.println("==== log of " + node.name() + " ====\n" + node.log());
            }
        }
        disks.values().forEach(RecordingDisk::close);
        for (PortBlock block : ports) {
            block.close();
        }
        if (failed && Boolean.getBoolean("tidemark.keep")) {
            System.out.println("kept: " + folder());
        } else {
            delete(folder());
        }
    }

    /**
     * Puts each node's directory and partitions on a disk of its own that fails on demand and
     * records what it is told. To be called before {@code configure}; skips the test where nothing
     * can be mounted.
     */
    Cluster onDisks(DiskClock clock) throws IOException {
        RecordingDisk.assumePossible();
        for (String node : List.of("alpha", "beta")) {
            Path host = Files.createDirectory(folder().resolve("host-" + node));
            Path at = Files.createDirectory(folder().resolve("disk-" + node));
            disks.put(node, RecordingDisk.mount(at, host, clock));
        }
        return this;
    }

    /** The disk that a node's files lie on. */
    RecordingDisk disk(NodeProcess node) {
        return Objects.requireNonNull(disks.get(node.name()), "not on disks");
    }

    /** One resource r0 with one volume. */
    Cluster configure(long volumeBytes, String... settings) throws IOException {
        return configure(ClusterConfig.of(volumeBytes, settings));
    }

    Cluster configure(ClusterConfig config) throws IOException {
        Path file =
                Files.writeString(
                        folder().resolve("t.toml"),
                        config.text(ports.get(0), ports.get(1), disks.isEmpty() ? "" : "disk-%s/"));
        TidemarkConfig loaded = TidemarkConfig.load(file);
        alpha = new NodeProcess(loaded.node("alpha"), file, folder().resolve("alpha.log"));
        beta = new NodeProcess(loaded.node("beta"), file, folder().resolve("beta.log"));
        return this;
    }

    /**
     * Gives nodes a configuration of their own each that names a secret-file, {@code NAME.secret}.
     * To be called after {@code configure}.
     */
    Cluster withSecretFiles(NodeProcess... which) throws IOException {
        String shared = Files.readString(folder().resolve("t.toml"));
        for (NodeProcess node : which) {
            Path file = folder().resolve("t-" + node.name() + ".toml");
            Files.writeString(
                    file, "secret-file = \"%s.secret\"\n%s".formatted(node.name(), shared));
            NodeProcess own =
                    new NodeProcess(node.settings(), file, folder().resolve(node.name() + ".log"));
            alpha = node == alpha ? own : alpha;
            beta = node == beta ? own : beta;
        }
        return this;
    }

    /** Writes a node's secret. */
    void secret(NodeProcess node, String secret) throws IOException {
        Path file = folder().resolve(node.name() + ".secret");
        Files.writeString(file, secret + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /**
     * Starts alpha as primary and beta as replica; returns once beta is in the in-sync set of all
     * resources.
     */
    Cluster start() throws IOException, InterruptedException {
        beta().start("replica");
        alpha().start("primary");
        return awaitInSync(alpha(), beta());
    }

    /** Returns once {@code primary} serves and {@code replica} is in the in-sync set of r0. */
    Cluster awaitInSync(NodeProcess primary, NodeProcess replica) throws InterruptedException {
        return awaitInSync(primary, replica, R0);
    }

    Cluster awaitInSync(NodeProcess primary, NodeProcess replica, String resource)
            throws InterruptedException {
        return await(
                primary,
                resource,
                replica.name() + " is in sync",
                status ->
                        status.state().equals("serving")
                                && status.inSyncSet().contains(replica.name())
                                && status.peers().stream().anyMatch(PeerStatus::inSync));
    }

    Cluster await(NodeProcess node, String what, Predicate<ResourceStatus> condition)
            throws InterruptedException {
        return await(node, R0, what, condition);
    }

    Cluster await(
            NodeProcess node, String resource, String what, Predicate<ResourceStatus> condition)
            throws InterruptedException {
        Await.until(
                node.name() + ": " + what,
                LIMIT,
                () -> {
                    for (NodeProcess each : nodes()) {
                        if (each.hasDied()) {
                            throw new InterruptedException(each.name() + " has ended by itself");
                        }
                    }
                    return condition.test(node.status(resource));
                },
                () -> statuses(resource));
        return this;
    }

    /** Makes a node the primary of r0 by force and returns once it serves. */
    Cluster promote(NodeProcess node) throws AdminException, InterruptedException {
        return promote(node, R0);
    }

    Cluster promote(NodeProcess node, String resource) throws AdminException, InterruptedException {
        new AdminClient(node.settings().adminSocket())
                .call(
                        "promote",
                        AdminJson.object().put("resource", resource).put("force", true),
                        LIMIT);
        return await(
                node,
                resource,
                "serves",
                s -> s.role().equals("primary") && s.state().equals("serving"));
    }

    /** A second process with a node's configuration. */
    NodeProcess another(NodeProcess node) {
        NodeProcess second =
                new NodeProcess(
                        node.settings(),
                        folder().resolve("t.toml"),
                        folder().resolve(node.name() + "-2.log"));
        others.add(second);
        return second;
    }

    private List<String> statuses(String resource) {
        List<String> all = new ArrayList<>();
        for (NodeProcess each : nodes()) {
            try {
                all.add(
                        each.name()
                                + ": "
                                + (each.isAlive() ? each.status(resource) : "not there"));
            } catch (AdminException e) {
                all.add(each.name() + ": " + e.getMessage());
            }
        }
        return all;
    }

    /**
     * Stops the primary, then the replica, both with exit status 0, and compares what they hold.
     */
    void stopAndCompare(NodeProcess primary, NodeProcess replica)
            throws IOException, InterruptedException {
        primary.stop();
        replica.stop();
        comparePartitions(R0 + "-0");
        JournalComparison.run(alpha().settings().directory(), beta().settings().directory());
    }

    /** The volume as a client reads it, so also what is not yet applied. */
    Path copyOf(NodeProcess node, long volumeBytes) throws IOException {
        Path copy = folder().resolve("copy.img");
        try (NbdClient client = node.connect(R0);
                FileChannel file =
                        FileChannel.open(
                                copy, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
            for (long offset = 0; offset < volumeBytes; offset += buffer.capacity()) {
                client.read(offset, buffer.clear());
                file.write(buffer.flip(), offset);
            }
        }
        return copy;
    }

    void comparePartitions(String volume) throws IOException {
        long mismatch = Files.mismatch(partition(alpha(), volume), partition(beta(), volume));
        assertThat(mismatch)
                .as("first byte of %s at which the partitions differ", volume)
                .isEqualTo(-1);
    }

    /**
     * File that a node projects a volume onto.
     *
     * @param volume as in {@code r0-0}
     */
    Path partition(NodeProcess node, String volume) {
        RecordingDisk disk = disks.get(node.name());
        return (disk == null ? folder() : disk.root()).resolve(node.name() + "-" + volume + ".img");
    }

    Path folder() {
        if (folder == null) {
            throw new AssertionError("not begun");
        }
        return folder;
    }

    NodeProcess alpha() {
        return Objects.requireNonNull(alpha, "not configured");
    }

    NodeProcess beta() {
        return Objects.requireNonNull(beta, "not configured");
    }

    private List<NodeProcess> nodes() {
        return Stream.concat(
                        Stream.ofNullable(alpha),
                        Stream.concat(Stream.ofNullable(beta), others.stream()))
                .toList();
    }

    /** A killed node leaves its log buffers in memory; only its next start would remove them. */
    private static void deleteLogBuffers(NodeProcess node) throws IOException {
        Path buffers = AeronSettings.driverDirectory(node.name(), node.settings().directory());
        if (Files.exists(buffers)) {
            delete(buffers);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
