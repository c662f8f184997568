package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.tools.admin.ResourceStatus;
import io.tidemark.tools.client.NbdClient;
import io.tidemark.tools.demo.LedgerLoad;
import io.tidemark.tools.disk.DiskCall.Kind;
import io.tidemark.tools.disk.DiskClock;
import io.tidemark.tools.disk.DiskFault;
import io.tidemark.tools.disk.Errno;
import io.tidemark.tools.disk.RecordingDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A disk fails below one of two nodes that are under load: the resource stops there with position
 * and cause, the other node is unharmed and has everything that was acknowledged, and once the disk
 * is well a restart brings the node back.
 */
class FailingDiskTest {
    private static final long MIB = 1 << 20;
    private static final long AREA = 4 * MIB;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Much longer than a primary may need to notice that its replica has stopped. */
    private static final String PEER_TIMEOUT = "peer-timeout = \"20 s\"";

    private static final Predicate<String> SEGMENT = path -> path.endsWith(".rec");
    private static final Predicate<String> PARTITION = path -> path.endsWith(".img");
    private static final Predicate<String> SUPERBLOCK = path -> path.endsWith("/superblock");

    @RegisterExtension private final Cluster cluster = new Cluster();

    /**
     * Something that goes wrong.
     *
     * @param said part of the line in which the node says so
     */
    private record Failure(String name, String said, List<DiskFault> faults) {
        static Failure of(String name, String said, DiskFault... faults) {
            return new Failure(name, said, List.of(faults));
        }
    }

    private static List<Failure> failures() {
        return List.of(
                Failure.of(
                        "fsync of a segment",
                        "fsync of the journal failed at position",
                        DiskFault.on(Kind.SYNC, SEGMENT).fail(Errno.EIO)),
                Failure.of(
                        "write to a segment",
                        "the archive has stopped to record at position",
                        DiskFault.on(Kind.WRITE, SEGMENT).fail(Errno.EIO)),
                Failure.of(
                        "short write to a segment",
                        "the archive has stopped to record at position",
                        DiskFault.on(Kind.WRITE, SEGMENT).only(1).accept(700),
                        DiskFault.on(Kind.WRITE, SEGMENT).from(2).fail(Errno.EIO)),
                Failure.of(
                        "write to the partition",
                        "write of",
                        DiskFault.on(Kind.WRITE, PARTITION).fail(Errno.EIO)),
                Failure.of(
                        "fsync of the partition",
                        "sync of",
                        DiskFault.on(Kind.SYNC, PARTITION).fail(Errno.EIO)),
                Failure.of(
                        "write to the superblock",
                        "superblock",
                        DiskFault.on(Kind.WRITE, SUPERBLOCK).fail(Errno.EIO)),
                Failure.of(
                        "fsync of the superblock",
                        "superblock",
                        DiskFault.on(Kind.SYNC, SUPERBLOCK).fail(Errno.EIO)));
    }

    private Cluster start() throws Exception {
        List<Failure> all = failures();
        cluster.onDisks(new DiskClock())
                .configure(all.size() * AREA, PEER_TIMEOUT, "checkpoint-interval = \"500 ms\"");
        cluster.disk(cluster.alpha()).recordNothing();
        cluster.disk(cluster.beta()).recordNothing();
        return cluster.start();
    }

    @Test
    void aPrimaryWithAFailingDiskStopsAndItsReplicaHasEverything() throws Exception {
        start();
        NodeProcess primary = cluster.alpha();
        NodeProcess replica = cluster.beta();
        List<Failure> failures = failures();
        for (int i = 0; i < failures.size(); i++) {
            Failure failure = failures.get(i);
            System.out.println("primary: " + failure.name());
            try (LedgerLoad load = new LedgerLoad(primary.nbd(), i * AREA, (i + 1) * AREA)) {
                load.awaitMore(100);
                strike(cluster.disk(primary), failure);
                load.awaitEnd();
                assertStopped(primary, failure);
                cluster.promote(replica);
                load.verify(cluster.copyOf(replica, failures.size() * AREA));
            }
            bringBack(primary, replica);
            NodeProcess other = primary;
            primary = replica;
            replica = other;
        }
        cluster.stopAndCompare(primary, replica);
    }

    @Test
    void aReplicaWithAFailingDiskStopsAndItsPrimaryGoesOnAtOnce() throws Exception {
        start();
        NodeProcess primary = cluster.alpha();
        NodeProcess replica = cluster.beta();
        List<Failure> failures = failures();
        for (int i = 0; i < failures.size(); i++) {
            Failure failure = failures.get(i);
            System.out.println("replica: " + failure.name());
            try (LedgerLoad load = new LedgerLoad(primary.nbd(), i * AREA, (i + 1) * AREA)) {
                load.awaitMore(100);
                strike(cluster.disk(replica), failure);
                long begin = System.nanoTime();
                load.awaitMore(100);
                Duration pause = Duration.ofNanos(System.nanoTime() - begin);
                System.out.println("went on after " + pause.toMillis() + " ms");
                assertThat(pause).as(failure.name()).isLessThan(Duration.ofSeconds(6));
                assertStopped(replica, failure);
                cluster.await(primary, "dropped it", s -> s.inSyncSet().isEmpty());
                // At full speed it would write faster than the other one catches up.
                load.stop();
                bringBack(replica, primary);
                load.verify(cluster.copyOf(primary, failures.size() * AREA));
            }
        }
        cluster.stopAndCompare(primary, replica);
    }

    private static void strike(RecordingDisk disk, Failure failure) throws InterruptedException {
        for (DiskFault fault : failure.faults()) {
            disk.arm(fault);
        }
        failure.faults().getLast().awaitStruck(LIMIT);
    }

    private void assertStopped(NodeProcess node, Failure failure) throws Exception {
        cluster.await(node, "has stopped", s -> s.state().equals("stopped"));
        ResourceStatus status = node.status(Cluster.R0);
        assertThat(status.detail()).as(failure.name()).contains(failure.said());
        assertThat(node.lines())
                .as("what %s says of: %s", node.name(), failure.name())
                .anyMatch(
                        line ->
                                line.contains("r0 has stopped on this node")
                                        && line.contains(failure.said())
                                        && line.contains("recorded "));
        assertThatThrownBy(() -> read(node))
                .as(failure.name())
                .hasMessageContaining(failure.said());
    }

    private static void read(NodeProcess node) throws IOException {
        try (NbdClient client = node.connect(Cluster.R0)) {
            client.read(0, ByteBuffer.allocate(512));
        }
    }

    /** The disk is well again, and a restart makes the node a replica in sync. */
    private void bringBack(NodeProcess node, NodeProcess primary) throws Exception {
        cluster.disk(node).cure();
        node.stop();
        node.start("replica");
        cluster.awaitInSync(primary, node);
    }
}
