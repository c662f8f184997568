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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A disk fails below one of two nodes that are under load: the resource stops there with position
 * and cause, the other node is unharmed and has everything that was acknowledged, and once the disk
 * is well a restart brings the node back.
 */
class FailingDiskTest {
    private static final long MIB = 1 << 20;

    /** A part of the volume for each failure. */
    private static final long AREA = 4 * MIB;

    private static final long VOLUME = 36 * MIB;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Of the archive's writes as of zeroes that are written ahead of them: who comes first. */
    private static final String WRITE_FAILED = "at position";

    /** Much longer than a primary may need to notice that its replica has stopped. */
    private static final String PEER_TIMEOUT = "peer-timeout = \"20 s\"";

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

        void strike(RecordingDisk disk) throws InterruptedException {
            faults.forEach(disk::arm);
            faults.getLast().awaitStruck(LIMIT);
        }
    }

    /** Those at which a replica does something else than a primary does. */
    private static List<Failure> failuresByRole() {
        return List.of(
                Failure.of(
                        "fsync of a segment",
                        "fsync of the journal failed at position",
                        DiskFault.on(Kind.SYNC, DiskPaths::isSegment).fail(Errno.EIO)),
                Failure.of(
                        "write to a segment",
                        WRITE_FAILED,
                        DiskFault.on(Kind.WRITE, DiskPaths::isSegment).fail(Errno.EIO)),
                Failure.of(
                        "fsync of the partition",
                        "sync of",
                        DiskFault.on(Kind.SYNC, DiskPaths::isPartition).fail(Errno.EIO)),
                Failure.of(
                        "fsync of the superblock",
                        "superblock",
                        DiskFault.on(Kind.SYNC, DiskPaths::isSuperblock).fail(Errno.EIO)));
    }

    private static List<Failure> otherFailures() {
        return List.of(
                Failure.of(
                        "short write to a segment",
                        WRITE_FAILED,
                        DiskFault.on(Kind.WRITE, DiskPaths::isSegment).only(1).accept(700),
                        DiskFault.on(Kind.WRITE, DiskPaths::isSegment).from(2).fail(Errno.EIO)),
                Failure.of(
                        "fsync of the folder of a new segment",
                        "fsync of the journal failed at position",
                        DiskFault.on(Kind.SYNC_FOLDER, DiskPaths::isJournal).fail(Errno.EIO)),
                Failure.of(
                        "write to the partition",
                        "write of",
                        DiskFault.on(Kind.WRITE, DiskPaths::isPartition).fail(Errno.EIO)),
                Failure.of(
                        "write to the superblock",
                        "superblock",
                        DiskFault.on(Kind.WRITE, DiskPaths::isSuperblock).fail(Errno.EIO)));
    }

    private static List<Failure> allFailures() {
        return Stream.concat(failuresByRole().stream(), otherFailures().stream()).toList();
    }

    private Cluster start() throws Exception {
        cluster.onDisks(new DiskClock())
                .configure(VOLUME, PEER_TIMEOUT, "checkpoint-interval = \"500 ms\"");
        cluster.disk(cluster.alpha()).recordNothing();
        cluster.disk(cluster.beta()).recordNothing();
        return cluster.start();
    }

    @Test
    void aPrimaryWithAFailingDiskStopsAndItsReplicaHasEverything() throws Exception {
        start();
        NodeProcess primary = cluster.alpha();
        NodeProcess replica = cluster.beta();
        List<Failure> failures = allFailures();
        for (int i = 0; i < failures.size(); i++) {
            Failure failure = failures.get(i);
            System.out.println("primary: " + failure.name());
            try (LedgerLoad load = new LedgerLoad(primary.nbd(), i * AREA, (i + 1) * AREA)) {
                load.awaitMore(100);
                failure.strike(cluster.disk(primary));
                load.awaitEnd();
                assertStopped(primary, failure);
                cluster.promote(replica);
                load.verify(cluster.copyOf(replica, VOLUME));
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
        // The rest takes its time and the same ways: -Dtidemark.disk.all=true
        List<Failure> failures =
                Boolean.getBoolean("tidemark.disk.all") ? allFailures() : failuresByRole();
        for (int i = 0; i < failures.size(); i++) {
            Failure failure = failures.get(i);
            System.out.println("replica: " + failure.name());
            try (LedgerLoad load = new LedgerLoad(primary.nbd(), i * AREA, (i + 1) * AREA)) {
                load.awaitMore(100);
                failure.strike(cluster.disk(replica));
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
                load.verify(cluster.copyOf(primary, VOLUME));
            }
        }
        cluster.stopAndCompare(primary, replica);
    }

    @Test
    void aNodeThatStartsOnAFailingDiskSaysSoAndHoldsUpNobody() throws Exception {
        start();
        Failure failure =
                Failure.of(
                        "fsync of the last segment",
                        "the journal could not be ended at position",
                        DiskFault.on(Kind.SYNC, DiskPaths::isSegment).fail(Errno.EIO));
        cluster.beta().stop();
        try (LedgerLoad load = new LedgerLoad(cluster.alpha().nbd(), 0, AREA)) {
            load.awaitMore(100);
            failure.faults().forEach(cluster.disk(cluster.beta())::arm);
            cluster.beta().start("replica");
            assertStopped(cluster.beta(), failure);
            load.awaitMore(100).stop();
            bringBack(cluster.beta(), cluster.alpha());
            load.verify(cluster.copyOf(cluster.alpha(), AREA));
        }
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    private void assertStopped(NodeProcess node, Failure failure) throws Exception {
        cluster.await(node, "has stopped", s -> s.state().equals("stopped"));
        ResourceStatus status = node.status(Cluster.R0);
        assertThat(status.detail())
                .as(failure.name())
                .contains(failure.said(), "Input/output error");
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
