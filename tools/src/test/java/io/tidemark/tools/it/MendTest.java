package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.admin.PositionsStatus;
import io.tidemark.tools.client.NbdClient;
import io.tidemark.tools.demo.LedgerLoad;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A node whose journal is damaged below what was durable has it mended from its peer. */
class MendTest {
    private static final long VOLUME = 32 << 20;

    /** What the ledger's writers use of it. */
    private static final long LOADED = VOLUME - (1 << 20);

    /** Nothing is checkpointed by itself, so that recovery reads all. */
    private static final String[] SETTINGS = {
        "checkpoint-interval = \"1 h\"", "peer-wait = \"3 s\"", "peer-timeout = \"2 s\""
    };

    /** Offsets in a frame: its length, flags, type, checksum, stream, term; entry; payload. */
    private static final int[] PLACES = {0, 1, 5, 6, 12, 16, 20, 30, 33, 45, 80, 700};

    @RegisterExtension private final Cluster cluster = new Cluster();

    private PositionsStatus positions = new PositionsStatus(0, 0, 0, 0, 0, 0);

    /** Writes something on both nodes, all of it durable, and kills both. */
    private LedgerLoad writtenAndKilled() throws Exception {
        cluster.configure(VOLUME, SETTINGS).start();
        LedgerLoad load = new LedgerLoad(cluster.alpha().nbd(), 0, LOADED).awaitMore(400).stop();
        flush(cluster.alpha());
        for (NodeProcess node : List.of(cluster.alpha(), cluster.beta())) {
            cluster.await(
                    node,
                    "has applied everything",
                    s -> s.positions().applied() >= s.positions().recorded() - 1000);
        }
        positions = cluster.beta().status("r0").positions();
        assertThat(positions.checkpoint()).isLessThan(positions.applied() / 2);
        cluster.alpha().kill();
        cluster.beta().kill();
        return load;
    }

    private static void flush(NodeProcess node) throws Exception {
        try (NbdClient client = node.connect("r0")) {
            client.write(VOLUME - 4096, ByteBuffer.allocate(4096), true);
        }
    }

    private void verify(LedgerLoad load) throws Exception {
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
        load.verify(cluster.partition(cluster.beta(), "r0-0"));
        load.verify(cluster.partition(cluster.alpha(), "r0-0"));
    }

    @Test
    void everyKindOfDamageOnTheReplicaIsMended() throws Exception {
        LedgerLoad load = writtenAndKilled();
        JournalDamage beta = new JournalDamage(cluster.beta());
        List<Long> frames = beta.frames(positions.checkpoint(), positions.applied());
        int apart = frames.size() / (PLACES.length + 2);
        for (int i = 0; i < PLACES.length; i++) {
            beta.flip(frames.get(i * apart) + PLACES[i], i % 8);
        }
        // Over several frames, from inside of one to inside of another.
        beta.zero(frames.get(PLACES.length * apart) + 100, 40_000);
        beta.zero(positions.applied() - 4096, 4096);
        cluster.alpha().start("node");
        cluster.beta().start("node");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        assertThat(cluster.beta().lines()).anyMatch(l -> l.contains("was mended from"));
        verify(load);
    }

    @Test
    void theFormerPrimaryIsMendedFromItsReplicaBeforeItServesAgain() throws Exception {
        LedgerLoad load = writtenAndKilled();
        JournalDamage alpha = new JournalDamage(cluster.alpha());
        List<Long> frames = alpha.frames(positions.checkpoint(), positions.applied());
        alpha.flip(frames.getFirst() + 50, 3);
        alpha.flip(frames.getLast() + 1, 6);
        cluster.alpha().start("node").awaitReady();
        assertThat(cluster.alpha().lines()).contains("ready alpha r0 primary mending");
        cluster.await(
                cluster.alpha(),
                "says what is missing and who was asked",
                s -> s.state().equals("mending") && s.detail().contains("beta: not reachable"));
        cluster.beta().start("node");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        verify(load);
    }

    @Test
    void aSegmentThatIsGoneOrEndsEarlyIsMadeAgain() throws Exception {
        LedgerLoad load = writtenAndKilled();
        new JournalDamage(cluster.beta()).deleteSegment(0);
        cluster.alpha().start("node");
        cluster.beta().start("node");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        cluster.alpha().kill();
        cluster.beta().kill();
        new JournalDamage(cluster.alpha()).truncateSegment(positions.applied() / 3 + 1);
        cluster.alpha().start("node");
        cluster.beta().start("node");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        assertThat(cluster.alpha().status("r0").positions().recorded())
                .isGreaterThanOrEqualTo(positions.applied());
        verify(load);
    }

    @Test
    void damageAtTheSamePlaceOnBothIsSaidByBothAndNothingIsCut() throws Exception {
        LedgerLoad load = writtenAndKilled();
        JournalDamage alpha = new JournalDamage(cluster.alpha());
        long place = alpha.frames(positions.checkpoint(), positions.applied()).get(20);
        alpha.flip(place + 60, 1);
        new JournalDamage(cluster.beta()).flip(place + 61, 2);
        cluster.alpha().start("node");
        cluster.beta().start("node");
        for (NodeProcess node : List.of(cluster.alpha(), cluster.beta())) {
            cluster.await(
                    node,
                    "says that the other one has it neither",
                    s ->
                            s.state().equals("mending")
                                    && s.detail().contains("positions " + place)
                                    && s.detail().contains("not valid at position " + place));
        }
        cluster.alpha().stop();
        cluster.beta().stop();
        // Once one of them is whole again, both are.
        alpha.flip(place + 60, 1);
        cluster.alpha().start("node");
        cluster.beta().start("node");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        verify(load);
    }

    @Test
    void eachIsMendedFromTheOtherAtDifferentPlaces() throws Exception {
        LedgerLoad load = writtenAndKilled();
        JournalDamage alpha = new JournalDamage(cluster.alpha());
        JournalDamage beta = new JournalDamage(cluster.beta());
        List<Long> frames = alpha.frames(positions.checkpoint(), positions.applied());
        for (int i = 5; i < 50; i += 10) {
            alpha.flip(frames.get(i) + 40, 1);
            beta.flip(frames.get(i + 5) + 40, 1);
        }
        cluster.alpha().start("node");
        cluster.beta().start("node");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        verify(load);
    }

    @Test
    void randomBitsAnywhereInTheDurablePart() throws Exception {
        long seed = Long.getLong("tidemark.seed", System.nanoTime());
        System.out.println("random bits: -Dtidemark.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        LedgerLoad load = writtenAndKilled();
        for (int round = 0; round < Integer.getInteger("tidemark.rounds", 2); round++) {
            NodeProcess damaged = random.nextBoolean() ? cluster.alpha() : cluster.beta();
            JournalDamage journal = new JournalDamage(damaged);
            for (int i = 1 + random.nextInt(20); i > 0; i--) {
                journal.flip(
                        random.nextLong(positions.checkpoint(), positions.applied()),
                        random.nextInt(8));
            }
            cluster.alpha().start("node");
            cluster.beta().start("node");
            cluster.awaitInSync(cluster.alpha(), cluster.beta());
            assertThat(damaged.status("r0").positions().recorded())
                    .isGreaterThanOrEqualTo(positions.applied());
            JournalComparison.run(
                    cluster.alpha().settings().directory(), cluster.beta().settings().directory());
            cluster.alpha().kill();
            cluster.beta().kill();
        }
        cluster.alpha().start("node");
        cluster.beta().start("node");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        verify(load);
    }

    @Test
    void nodesThatRunAreMendedWhileTheyServeAndFollow() throws Exception {
        cluster.configure(VOLUME, SETTINGS).start();
        for (NodeProcess node : List.of(cluster.alpha(), cluster.beta())) {
            long damaged = damageBeforeItIsApplied(node);
            node.awaitLine(
                    l -> l.contains("was mended from position " + damaged), "mended " + damaged);
            cluster.await(
                    node, "has applied what was damaged", s -> s.positions().applied() > damaged);
            assertThat(cluster.alpha().status("r0").state()).isEqualTo("serving");
        }
        flush(cluster.alpha());
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    @Test
    void aNodeThatRunsStopsIfNobodyHasWhatIsDamaged() throws Exception {
        cluster.configure(VOLUME, SETTINGS).start();
        cluster.beta().stop();
        long damaged = damageBeforeItIsApplied(cluster.alpha());
        cluster.await(
                cluster.alpha(),
                "has stopped, with position and cause",
                s ->
                        s.state().equals("stopped")
                                && s.detail().contains("damaged from position " + damaged));
        cluster.alpha().stop();
        cluster.alpha().start("node");
        cluster.beta().start("node");
        cluster.await(
                cluster.alpha(),
                "knows that beta never had it",
                s -> s.state().equals("mending") && s.detail().contains("beta: its log ends at"));
        cluster.alpha().kill();
        new JournalDamage(cluster.alpha()).flip(damaged + 200, 4);
        cluster.alpha().start("node");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    /** Damages an entry that is durable and not applied yet; returns where it begins. */
    private long damageBeforeItIsApplied(NodeProcess node) throws Exception {
        JournalDamage journal = new JournalDamage(node);
        while (true) {
            long before = node.status("r0").positions().recorded();
            try (NbdClient client = cluster.alpha().connect("r0")) {
                client.write(LOADED, ByteBuffer.allocate(8192), true);
            }
            long frame = journal.frames(before, Long.MAX_VALUE).getFirst();
            journal.flip(frame + 200, 4);
            if (node.status("r0").positions().applied() <= frame) {
                return frame;
            }
            journal.flip(frame + 200, 4);
        }
    }
}
