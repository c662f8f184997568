package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.tools.client.NbdClient;
import io.tidemark.tools.disk.DiskCall.Kind;
import io.tidemark.tools.disk.DiskClock;
import io.tidemark.tools.disk.DiskFault;
import io.tidemark.tools.disk.Errno;
import io.tidemark.tools.disk.RecordingDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Reads that fail: the client is told, and nothing else suffers. */
class FailingReadTest {
    private static final int BLOCK = 64 << 10;
    private static final int VOLUME = 8 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @RegisterExtension private final Cluster cluster = new Cluster();

    private RecordingDisk start() throws Exception {
        cluster.onDisks(new DiskClock())
                .configure(
                        VOLUME,
                        "checkpoint-interval = \"200 ms\"",
                        "peer-timeout = \"1 s\"",
                        "peer-wait = \"2 s\"")
                .start();
        return cluster.disk(cluster.alpha());
    }

    private static ByteBuffer block(int value) {
        byte[] content = new byte[BLOCK];
        Arrays.fill(content, (byte) value);
        return ByteBuffer.wrap(content);
    }

    private static void assertHolds(NbdClient client, long offset, int value) throws IOException {
        ByteBuffer read = ByteBuffer.allocate(BLOCK);
        client.read(offset, read);
        assertThat(read.array()).containsOnly((byte) value);
    }

    private static void assertFails(NbdClient client, long offset) {
        assertThatThrownBy(() -> client.read(offset, ByteBuffer.allocate(BLOCK)))
                .hasMessageContaining("READ");
    }

    @Test
    void aReadThatThePartitionFailsFailsAloneAtTheClient() throws Exception {
        RecordingDisk disk = start();
        try (NbdClient client = cluster.alpha().connect(Cluster.R0)) {
            client.write(0, block(1), true);
            cluster.await(
                    cluster.alpha(),
                    "all is checkpointed",
                    s -> s.positions().checkpoint() >= s.positions().appended());
            DiskFault fault =
                    disk.arm(DiskFault.on(Kind.READ, DiskPaths::isPartition).fail(Errno.EIO));
            disk.dropCaches(DiskPaths::isPartition);
            assertFails(client, 0);
            fault.awaitStruck(LIMIT);
            client.write(BLOCK, block(2), false);
            assertHolds(client, BLOCK, 2);
            client.flush();
            disk.cure();
            assertHolds(client, 0, 1);
        }
        assertThat(cluster.alpha().log())
                .containsPattern("r0: a read failed: partition .*alpha-r0-0.img read of 65536");
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    @Test
    void aReadThatTheJournalFailsFailsAloneAtTheClient() throws Exception {
        RecordingDisk disk = start();
        cluster.beta().stop();
        cluster.await(cluster.alpha(), "is alone", s -> s.inSyncSet().isEmpty());
        // Nothing is applied while the superblock cannot say so: reads have to go to the journal.
        DiskFault held = disk.arm(DiskFault.on(Kind.SYNC, DiskPaths::isSuperblock).hold());
        try (NbdClient client = cluster.alpha().connect(Cluster.R0)) {
            client.write(0, block(1), true);
            held.awaitStruck(LIMIT);
            DiskFault fault =
                    disk.arm(DiskFault.on(Kind.READ, DiskPaths::isSegment).fail(Errno.EIO));
            disk.dropCaches(DiskPaths::isSegment);
            assertFails(client, 0);
            fault.awaitStruck(LIMIT);
            disk.cure();
            assertHolds(client, 0, 1);
        }
        cluster.beta().start("replica");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    @Test
    void aJournalThatCannotBeReplayedHoldsUpOnlyTheReplica() throws Exception {
        RecordingDisk disk = start();
        cluster.beta().stop();
        cluster.await(cluster.alpha(), "is alone", s -> s.inSyncSet().isEmpty());
        try (NbdClient client = cluster.alpha().connect(Cluster.R0)) {
            for (int offset = 0; offset < VOLUME; offset += BLOCK) {
                client.write(offset, block(offset / BLOCK), false);
            }
            client.flush();
            cluster.await(
                    cluster.alpha(),
                    "all is checkpointed",
                    s -> s.positions().checkpoint() >= s.positions().appended());
            DiskFault fault =
                    disk.arm(DiskFault.on(Kind.READ, DiskPaths::isSegment).fail(Errno.EIO));
            disk.dropCaches(DiskPaths::isSegment);
            cluster.beta().start("replica");
            fault.awaitStruck(LIMIT);
            assertHolds(client, BLOCK, 1);
        }
        disk.cure();
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }
}
