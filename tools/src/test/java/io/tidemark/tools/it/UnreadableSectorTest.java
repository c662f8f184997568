package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.admin.PositionsStatus;
import io.tidemark.tools.client.NbdClient;
import io.tidemark.tools.demo.LedgerLoad;
import io.tidemark.tools.disk.BadPages;
import io.tidemark.tools.disk.DiskCall.Kind;
import io.tidemark.tools.disk.DiskClock;
import io.tidemark.tools.disk.DiskFault;
import io.tidemark.tools.disk.RecordingDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Sectors of a journal's disk cannot be read any more. They are mended from the peer, and being
 * written they can be read again.
 */
class UnreadableSectorTest {
    private static final int VOLUME = 16 << 20;
    private static final long LOADED = 8 << 20;
    private static final int BLOCK = 64 << 10;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @RegisterExtension private final Cluster cluster = new Cluster();

    private void start(String... more) throws Exception {
        String[] settings = {
            "checkpoint-interval = \"1 h\"", "peer-wait = \"3 s\"", "peer-timeout = \"2 s\""
        };
        String[] all = Arrays.copyOf(settings, settings.length + more.length);
        System.arraycopy(more, 0, all, settings.length, more.length);
        cluster.onDisks(new DiskClock()).configure(VOLUME, all);
        for (NodeProcess node : List.of(cluster.alpha(), cluster.beta())) {
            cluster.disk(node).recordNothing();
        }
        cluster.start();
    }

    private static void write(NodeProcess node, long offset, int value, boolean durably)
            throws IOException {
        byte[] content = new byte[BLOCK];
        Arrays.fill(content, (byte) value);
        try (NbdClient client = node.connect(Cluster.R0)) {
            client.write(offset, ByteBuffer.wrap(content), durably);
        }
    }

    private static void assertHolds(NodeProcess node, long offset, int value) throws IOException {
        ByteBuffer read = ByteBuffer.allocate(BLOCK);
        try (NbdClient client = node.connect(Cluster.R0)) {
            client.read(offset, read);
        }
        assertThat(read.array()).containsOnly((byte) value);
    }

    private BadPages spoil(NodeProcess node, long position, int length) {
        System.out.println(node.name() + ": unreadable from " + position + ", bytes " + length);
        return cluster.disk(node).spoil(DiskPaths::isSegment, position, length);
    }

    /** Writes something on both nodes, all of it durable, and kills both. */
    private LedgerLoad writtenAndKilled() throws Exception {
        start();
        LedgerLoad load = new LedgerLoad(cluster.alpha().nbd(), 0, LOADED).awaitMore(300).stop();
        write(cluster.alpha(), LOADED, 1, true);
        cluster.await(
                cluster.beta(),
                "has applied it",
                s -> s.positions().applied() >= s.positions().recorded() - 1000);
        cluster.alpha().kill();
        cluster.beta().kill();
        return load;
    }

    private void verify(LedgerLoad load) throws Exception {
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
        load.verify(cluster.partition(cluster.beta(), "r0-0"));
        load.verify(cluster.partition(cluster.alpha(), "r0-0"));
    }

    @Test
    void aReplicaThatStartsIsMendedAndItsSectorsCured() throws Exception {
        LedgerLoad load = writtenAndKilled();
        BadPages inside = spoil(cluster.beta(), 200_000, 1);
        BadPages several = spoil(cluster.beta(), 300_000, 200_000);
        BadPages first = spoil(cluster.beta(), 0, 1);
        cluster.alpha().start("node");
        cluster.beta().start("node");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        for (BadPages pages : List.of(inside, several, first)) {
            assertThat(pages.struck()).isPositive();
            assertThat(pages.left()).isZero();
        }
        assertThat(cluster.beta().lines())
                .anyMatch(l -> l.contains("cannot read the journal at position"))
                .anyMatch(l -> l.contains("was mended from"));
        verify(load);
    }

    @Test
    void aFormerPrimaryWaitsForThePeerThatHasWhatItCannotRead() throws Exception {
        LedgerLoad load = writtenAndKilled();
        BadPages bad = spoil(cluster.alpha(), 250_000, 10_000);
        cluster.alpha().start("node").awaitReady();
        assertThat(cluster.alpha().lines()).contains("ready alpha r0 primary mending");
        assertThat(bad.left()).isPositive();
        cluster.beta().start("node");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        assertThat(bad.left()).isZero();
        verify(load);
    }

    @Test
    void anUnreadableEndOfTheLogIsFetchedFromTheReplica() throws Exception {
        start("sync-interval = \"1 min\"");
        write(cluster.alpha(), 0, 1, true);
        write(cluster.alpha(), BLOCK, 2, false);
        PositionsStatus positions = cluster.alpha().status(Cluster.R0).positions();
        assertThat(positions.durable()).isLessThan(positions.recorded());
        cluster.alpha().kill();
        BadPages bad = spoil(cluster.alpha(), positions.recorded() - 30_000, 20_000);
        cluster.alpha().start("node");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        assertHolds(cluster.alpha(), 0, 1);
        assertHolds(cluster.alpha(), BLOCK, 2);
        assertThat(bad.struck()).isPositive();
        assertThat(bad.left()).isZero();
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    @Test
    void anUnreadableEndThatNobodyHasIsSaidAndCutAndWrittenAgain() throws Exception {
        start("sync-interval = \"1 min\"");
        cluster.beta().stop();
        cluster.await(cluster.alpha(), "is alone", s -> s.inSyncSet().isEmpty());
        write(cluster.alpha(), 0, 1, true);
        PositionsStatus before = cluster.alpha().status(Cluster.R0).positions();
        write(cluster.alpha(), BLOCK, 2, false);
        PositionsStatus after = cluster.alpha().status(Cluster.R0).positions();
        assertThat(after.durable()).isLessThan(after.recorded());
        cluster.alpha().kill();
        long page = (before.recorded() + 4096) & -4096L;
        BadPages bad = spoil(cluster.alpha(), page, (int) (after.recorded() - page));
        cluster.alpha().start("node");
        cluster.await(cluster.alpha(), "serves", s -> s.state().equals("serving"));
        assertThat(cluster.alpha().lines())
                .anyMatch(l -> l.contains("cannot read the journal at position " + page))
                .anyMatch(l -> l.contains("the log is cut from position"));
        assertHolds(cluster.alpha(), 0, 1);
        write(cluster.alpha(), BLOCK, 3, true);
        assertThat(bad.left()).isZero();
        cluster.beta().start("node");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    @Test
    void aPrimaryAndAReplicaThatRunAreMended() throws Exception {
        start();
        for (NodeProcess node : List.of(cluster.alpha(), cluster.beta())) {
            RecordingDisk disk = cluster.disk(node);
            // Nothing is applied while the superblock cannot say so.
            DiskFault held = disk.arm(DiskFault.on(Kind.SYNC, DiskPaths::isSuperblock).hold());
            write(cluster.alpha(), 0, 1, true);
            held.awaitStruck(LIMIT);
            long from = node.status(Cluster.R0).positions().recorded();
            write(cluster.alpha(), BLOCK, 2, true);
            write(cluster.alpha(), 2 * BLOCK, 3, true);
            cluster.await(node, "has it", s -> s.positions().recorded() > from + 2 * BLOCK);
            BadPages bad = spoil(node, from + 20_000, 10_000);
            // The client waits for what cannot be read until it is mended.
            try (ExecutorService reading = Executors.newSingleThreadExecutor()) {
                Future<?> read =
                        reading.submit(
                                () -> {
                                    assertHolds(cluster.alpha(), BLOCK, 2);
                                    return true;
                                });
                if (node == cluster.alpha()) {
                    Await.until("the read fails", LIMIT, () -> bad.struck() > 0, () -> "");
                }
                held.release();
                read.get();
            }
            cluster.await(node, "has applied it", s -> s.positions().applied() > from + 2 * BLOCK);
            assertThat(bad.struck()).isPositive();
            assertThat(bad.left()).isZero();
            assertThat(node.lines()).anyMatch(l -> l.contains("was mended from"));
            assertThat(cluster.alpha().status(Cluster.R0).state()).isEqualTo("serving");
            disk.cure();
        }
        assertThat(cluster.alpha().lines()).noneMatch(l -> l.contains("a read failed"));
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    @Test
    void aNodeThatRunsStopsIfNobodyHasWhatItCannotRead() throws Exception {
        start();
        cluster.beta().stop();
        cluster.await(cluster.alpha(), "is alone", s -> s.inSyncSet().isEmpty());
        RecordingDisk disk = cluster.disk(cluster.alpha());
        DiskFault held = disk.arm(DiskFault.on(Kind.SYNC, DiskPaths::isSuperblock).hold());
        write(cluster.alpha(), 0, 1, true);
        held.awaitStruck(LIMIT);
        long from = cluster.alpha().status(Cluster.R0).positions().recorded();
        write(cluster.alpha(), BLOCK, 2, true);
        BadPages bad = spoil(cluster.alpha(), from + 20_000, 1);
        held.release();
        cluster.await(
                cluster.alpha(),
                "has stopped, with position and cause",
                s ->
                        s.state().equals("stopped")
                                && s.detail().contains("cannot read the journal at position"));
        assertThat(bad.left()).isEqualTo(1);
        cluster.alpha().stop();
    }
}
