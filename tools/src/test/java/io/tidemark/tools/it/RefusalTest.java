package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A node that cannot start says so in one line, ends with exit status 2 and changes nothing. */
class RefusalTest {
    private static final int VOLUME = 8 << 20;

    @RegisterExtension private final Cluster cluster = new Cluster();

    @BeforeEach
    void configure() throws IOException {
        cluster.configure(VOLUME, "peer-wait = \"100 ms\"");
    }

    @Test
    void aSecondProcessOnTheSameDirectory() throws Exception {
        cluster.alpha().start("primary").awaitReady();

        NodeProcess second = cluster.another(cluster.alpha());
        second.start("primary");
        assertRefused(second, "runs already", cluster.alpha().settings().directory().toString());

        cluster.alpha().connect("r0").close();
        cluster.alpha().stop();
    }

    @Test
    void aTakenUdpPort() throws Exception {
        int port = cluster.alpha().settings().port();
        try (DatagramSocket taken =
                new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            assertThat(taken.isBound()).isTrue();
            cluster.alpha().start("primary");
            assertRefused(cluster.alpha(), "UDP port", Integer.toString(port));
        }
    }

    @Test
    void aTakenNbdPort() throws Exception {
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(cluster.alpha().nbd());
            cluster.alpha().start("primary");
            assertRefused(cluster.alpha(), Integer.toString(taken.getLocalPort()));
        }
    }

    @Test
    void aPartitionSmallerThanItsVolume() throws Exception {
        Path partition = partition();
        try (RandomAccessFile small = new RandomAccessFile(partition.toFile(), "rw")) {
            small.setLength(VOLUME - 4096);
        }
        cluster.alpha().start("primary");
        assertRefused(cluster.alpha(), partition.toString());
        assertThat(Files.size(partition)).isEqualTo(VOLUME - 4096);
    }

    @Test
    void aPartitionInUse() throws Exception {
        Path partition = partition();
        try (FileChannel other =
                FileChannel.open(
                        partition,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            other.write(ByteBuffer.allocate(1), VOLUME - 1);
            try (FileLock lock = other.lock()) {
                assertThat(lock.isValid()).isTrue();
                cluster.alpha().start("primary");
                assertRefused(cluster.alpha(), partition.toString());
            }
        }
    }

    @Test
    void aPartitionWithForeignData() throws Exception {
        Path partition = partition();
        byte[] content = new byte[VOLUME];
        content[VOLUME / 2] = 1;
        Files.write(partition, content);
        cluster.alpha().start("primary");
        assertRefused(cluster.alpha(), partition.toString(), "holds data");
        assertThat(Files.readAllBytes(partition)).isEqualTo(content);
    }

    private Path partition() {
        return cluster.partition(cluster.alpha(), "r0-0");
    }

    /** In one line that names these words, with exit status 2. */
    static void assertRefused(NodeProcess node, String... named) throws Exception {
        assertThat(node.awaitExit()).as("exit status: %s", node.lines()).isEqualTo(2);
        List<String> said =
                node.lines().stream().filter(line -> line.startsWith("tidemark: ")).toList();
        assertThat(said).as("%s", node.lines()).hasSize(1);
        assertThat(said.getFirst()).contains(named);
        assertThat(node.lines())
                .noneMatch(line -> line.startsWith("\tat ") || line.startsWith("ready"));
    }
}
