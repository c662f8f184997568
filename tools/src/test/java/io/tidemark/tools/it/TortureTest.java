package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Writers whose sectors say what they are, and random faults of both nodes in the middle of them.
 * After each fault every acknowledged write is there, every request whole, every sector one that
 * was written; what was seen once stays. In the end partitions and journals are equal.
 *
 * <p>Longer with {@code -Dtidemark.torture.seconds=N}; the same again with the seed that it prints.
 */
class TortureTest {
    private static final int VOLUME = 32 << 20;
    private static final int WRITERS = 4;
    private static final Duration TIME =
            Duration.ofSeconds(Integer.getInteger("tidemark.torture.seconds", 60));

    @RegisterExtension private final Cluster cluster = new Cluster();

    private final long seed = Long.getLong("tidemark.seed", ThreadLocalRandom.current().nextLong());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final TestSector test = new TestSector(seed);
    private final List<SectorWriter> writers = new ArrayList<>();

    @Test
    void nothingAcknowledgedIsLostWhateverGoesWrong() throws Exception {
        System.out.println("torture: -Dtidemark.seed=" + seed);
        cluster.configure(
                        VOLUME,
                        "peer-timeout = \"1 s\"",
                        "peer-wait = \"1 s\"",
                        "checkpoint-interval = \"300 ms\"")
                .start();
        int sectors = VOLUME / TestSector.BYTES / WRITERS;
        for (int i = 0; i < WRITERS; i++) {
            writers.add(new SectorWriter(test, new SectorLedger(i, (long) i * sectors, sectors)));
        }
        FaultPlayer player = new FaultPlayer(cluster, random);
        long end = System.nanoTime() + TIME.toNanos();
        int rounds = 0;
        while (System.nanoTime() < end) {
            round(++rounds, player);
        }
        System.out.println(
                "torture: %d rounds, %d requests acknowledged".formatted(rounds, acknowledged()));
        assertThat(acknowledged()).isPositive();
        cluster.stopAndCompare(player.primary(), player.replica());
        verify(cluster.partition(cluster.alpha(), "r0-0"));
    }

    private void round(int number, FaultPlayer player) throws Exception {
        for (SectorWriter writer : writers) {
            writer.start(player.primary().nbd());
        }
        long before = acknowledged();
        long wanted = random.nextLong(1, 400);
        Await.until(
                "requests are answered",
                Cluster.LIMIT,
                () -> acknowledged() >= before + wanted,
                this::acknowledged);
        List<Fault> faults = List.of(Fault.values());
        Fault fault = faults.get(random.nextInt(faults.size()));
        System.out.println("round " + number + ": " + fault + ", " + player.primary().name());
        player.play(fault, writers);
        // Nothing slows a primary down for a replica that is behind: see docs/ARCHITECTURE.
        writers.forEach(writer -> writer.slowly(true));
        awaitCaughtUp(player.primary(), player.replica());
        writers.forEach(writer -> writer.slowly(false));
        for (SectorWriter writer : writers) {
            assertThat(writer.running() || !fault.keepsConnections())
                    .as("writer %d is connected after %s", writer.ledger().writer(), fault)
                    .isTrue();
            writer.stop();
        }
        verify(cluster.copyOf(player.primary(), VOLUME));
    }

    /**
     * The in-sync set alone proves nothing: until the primary notices, it holds a replica that was
     * just killed.
     */
    private void awaitCaughtUp(NodeProcess primary, NodeProcess replica) throws Exception {
        cluster.await(primary, "serves", s -> s.state().equals("serving"));
        long end = primary.status(Cluster.R0).positions().appended();
        cluster.await(
                replica,
                "has recorded position " + end,
                s -> s.role().equals("replica") && s.positions().recorded() >= end);
        cluster.awaitInSync(primary, replica);
    }

    private long acknowledged() {
        return writers.stream().mapToLong(w -> w.ledger().acknowledged()).sum();
    }

    private void verify(Path copy) throws IOException {
        List<String> wrong = new ArrayList<>();
        try (FileChannel file = FileChannel.open(copy)) {
            for (SectorWriter writer : writers) {
                SectorLedger ledger = writer.ledger();
                ByteBuffer read = ByteBuffer.allocate(ledger.sectors() * TestSector.BYTES);
                long from = ledger.number(0) * TestSector.BYTES;
                while (read.hasRemaining() && file.read(read, from + read.position()) > 0) {}
                wrong.addAll(ledger.verify(read.flip(), test));
            }
        }
        assertThat(wrong.stream().limit(10).toList())
                .as("%d things are wrong, seed %d", wrong.size(), seed)
                .isEmpty();
    }
}
