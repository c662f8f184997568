package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aeron.protocol.DataHeaderFlyweight;
import io.tidemark.tools.admin.AdminClient;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.AdminJson;
import io.tidemark.tools.admin.ResourceStatus;
import io.tidemark.tools.client.NbdClient;
import io.tidemark.tools.config.TidemarkConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is wrong with one resource of a node stops that one there, and no other one. */
class RefusedResourceTest {
    private static final int VOLUME = 4 << 20;
    private static final int SLOT = 64 << 10;
    private static final String R1 = "r1";

    @RegisterExtension private final Cluster cluster = new Cluster();

    /** Something that is wrong, until it is closed. */
    private interface Wrong extends AutoCloseable {
        @Override
        void close() throws IOException;
    }

    private interface Accident {
        Wrong happen() throws IOException;
    }

    /**
     * Both nodes hold both resources, in sync; alpha is their primary. Nothing waits for a peer
     * that is late within this test: one has to say so.
     */
    private void holdData() throws Exception {
        cluster.configure(
                new ClusterConfig(
                        List.of(Cluster.R0, R1),
                        1,
                        VOLUME,
                        List.of("peer-wait = \"30 s\"", "peer-timeout = \"30 s\"")));
        cluster.beta().start("replica");
        cluster.alpha().start("primary");
        awaitInSync(cluster.alpha(), cluster.beta(), Cluster.R0, R1);
        write(cluster.alpha(), Cluster.R0, 1);
        write(cluster.alpha(), R1, 2);
    }

    private void awaitInSync(NodeProcess primary, NodeProcess replica, String... resources)
            throws InterruptedException {
        for (String resource : resources) {
            cluster.awaitInSync(primary, replica, resource);
        }
    }

    private static void write(NodeProcess node, String resource, int value) throws IOException {
        byte[] content = new byte[VOLUME];
        Arrays.fill(content, (byte) value);
        try (NbdClient client = node.connect(resource)) {
            client.write(0, ByteBuffer.wrap(content), true);
        }
    }

    private static void assertHolds(NodeProcess node, String resource, int value)
            throws IOException {
        ByteBuffer read = ByteBuffer.allocate(VOLUME);
        try (NbdClient client = node.connect(resource)) {
            client.read(0, read);
        }
        assertThat(read.array()).containsOnly((byte) value);
    }

    private Path superblock(NodeProcess node, String resource) {
        return node.settings().directory().resolve("resources/" + resource + "/superblock");
    }

    private Path partition(NodeProcess node) {
        return cluster.partition(node, "r1-0");
    }

    private Wrong moved(Path file) throws IOException {
        Path away = file.resolveSibling(file.getFileName() + ".away");
        Files.move(file, away);
        return () -> {
            NodeFiles.delete(file);
            Files.move(away, file);
        };
    }

    private Wrong replaced(Path file) throws IOException {
        Wrong away = moved(file);
        NodeFiles.setLength(file, VOLUME);
        return away;
    }

    private Map<String, Accident> accidents(NodeProcess node) {
        Map<String, Accident> all = new TreeMap<>();
        all.put(
                "is refused: slot 0",
                () -> {
                    for (int at : List.of(100, SLOT + 100)) {
                        NodeFiles.flip(superblock(node, R1), at);
                    }
                    return () -> {
                        for (int at : List.of(100, SLOT + 100)) {
                            NodeFiles.flip(superblock(node, R1), at);
                        }
                    };
                });
        all.put(
                "of resource r0, not of r1",
                () -> {
                    Wrong away = moved(superblock(node, R1));
                    Files.copy(superblock(node, Cluster.R0), superblock(node, R1));
                    return away;
                });
        all.put("not the one that this node wrote to", () -> replaced(partition(node)));
        all.put("does not exist", () -> moved(partition(node)));
        all.put(
                "is in use",
                () -> {
                    FileChannel other = FileChannel.open(partition(node), StandardOpenOption.WRITE);
                    other.lock();
                    return other::close;
                });
        all.put(
                "cannot be used: ",
                () -> {
                    Path segment = segment(node);
                    Wrong away = moved(segment);
                    Files.createDirectory(segment);
                    return away;
                });
        return all;
    }

    /** First segment file of the log of r1. */
    private Path segment(NodeProcess node) throws IOException {
        int stream =
                TidemarkConfig.load(cluster.folder().resolve("t.toml")).resources().stream()
                        .filter(r -> r.name().equals(R1))
                        .findFirst()
                        .orElseThrow()
                        .key();
        ByteBuffer header = ByteBuffer.allocate(DataHeaderFlyweight.HEADER_LENGTH);
        header.order(ByteOrder.LITTLE_ENDIAN);
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(
                        node.settings().directory().resolve("journal"), "*-0.rec")) {
            for (Path file : files) {
                try (FileChannel channel = FileChannel.open(file)) {
                    channel.read(header.clear(), 0);
                }
                if (header.getInt(DataHeaderFlyweight.STREAM_ID_FIELD_OFFSET) == stream) {
                    return file;
                }
            }
        }
        throw new AssertionError("no log of r1");
    }

    @Test
    void eachAccidentStopsItsResourceAndTheOtherOneServes() throws Exception {
        holdData();
        cluster.alpha().stop();
        for (Map.Entry<String, Accident> accident : accidents(cluster.alpha()).entrySet()) {
            System.out.println(accident.getKey());
            Wrong wrong = accident.getValue().happen();
            Map<Path, Object> before = filesOfR1();
            cluster.alpha().start("primary").awaitReady();
            assertStopped(cluster.alpha(), accident.getKey());
            cluster.await(cluster.alpha(), "serves", s -> s.state().equals("serving"));
            awaitInSync(cluster.alpha(), cluster.beta(), Cluster.R0);
            assertHolds(cluster.alpha(), Cluster.R0, 1);
            cluster.await(
                    cluster.beta(),
                    R1,
                    "knows",
                    s -> s.peers().stream().anyMatch(p -> p.state().equals("stopped")));
            cluster.alpha().stop();
            assertThat(filesOfR1()).as(accident.getKey()).isEqualTo(before);
            wrong.close();
        }
        cluster.alpha().start("primary");
        awaitInSync(cluster.alpha(), cluster.beta(), Cluster.R0, R1);
        assertHolds(cluster.alpha(), R1, 2);
        cluster.alpha().stop();
        cluster.beta().stop();
        cluster.comparePartitions("r0-0");
        cluster.comparePartitions("r1-0");
    }

    @Test
    void nobodyWaitsForAResourceThatIsStopped() throws Exception {
        holdData();
        cluster.beta().kill();
        Path partition = cluster.partition(cluster.beta(), "r1-0");
        Wrong wrong = replaced(partition);
        try {
            cluster.beta().start("replica").awaitReady();
            long begin = System.nanoTime();
            write(cluster.alpha(), R1, 3);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isLessThan(Duration.ofSeconds(15));
            ResourceStatus status = cluster.alpha().status(R1);
            assertThat(status.inSyncSet()).isEmpty();
            assertThat(status.peers().getFirst().state()).isEqualTo("stopped");
            awaitInSync(cluster.alpha(), cluster.beta(), Cluster.R0);
            cluster.beta().stop();
        } finally {
            wrong.close();
        }
        cluster.beta().start("replica");
        awaitInSync(cluster.alpha(), cluster.beta(), Cluster.R0, R1);
        cluster.alpha().stop();
        cluster.beta().stop();
        cluster.comparePartitions("r1-0");
    }

    @Test
    void aNodeWithoutAnyResourceThatCanBeOpenedIsRefused() throws Exception {
        holdData();
        cluster.alpha().stop();
        cluster.beta().stop();
        for (String resource : List.of(Cluster.R0, R1)) {
            Files.delete(cluster.partition(cluster.alpha(), resource + "-0"));
        }
        cluster.alpha().start("primary");
        RefusalTest.assertRefused(cluster.alpha(), "r0: ", "r1: ", "does not exist");
    }

    private void assertStopped(NodeProcess node, String cause) throws Exception {
        assertThat(node.lines()).contains("ready " + node.name() + " r1 stopped");
        assertThat(node.lines())
                .anyMatch(l -> l.contains("r1 is stopped on this node") && l.contains(cause));
        ResourceStatus status = node.status(R1);
        assertThat(status.state()).isEqualTo("stopped");
        assertThat(status.detail()).contains(cause);
        assertThatThrownBy(() -> node.connect(R1))
                .hasMessageContaining("r1 has stopped on this node: ")
                .hasMessageContaining(cause);
        assertThatThrownBy(() -> promote(node)).hasMessageContaining(cause);
    }

    private static void promote(NodeProcess node) throws AdminException {
        new AdminClient(node.settings().adminSocket())
                .call(
                        "promote",
                        AdminJson.object().put("resource", R1).put("force", true),
                        Cluster.LIMIT);
    }

    /** When all that alpha has of r1, but its journal, was last changed. */
    private Map<Path, Object> filesOfR1() throws IOException {
        Map<Path, Object> found = new TreeMap<>();
        Path directory = cluster.alpha().settings().directory();
        List<Path> files = new ArrayList<>(List.of(partition(cluster.alpha())));
        try (Stream<Path> all = Files.walk(directory.resolve("resources/r1"))) {
            all.forEach(files::add);
        }
        for (Path file : files) {
            if (Files.isRegularFile(file)) {
                found.put(file, List.of(Files.getLastModifiedTime(file), Files.size(file)));
            }
        }
        return found;
    }
}
