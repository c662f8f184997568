package io.tidemark.tools.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.crash.RecordedRun.Script;
import io.tidemark.tools.disk.DiskOp;
import io.tidemark.tools.disk.RecordingDisk;
import io.tidemark.tools.it.PairOnDisks.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The oracle catches nodes that are broken on purpose, and passes honest ones at the same moments.
 * The moments are those at which the defect shows, found in the record of the run, so that each
 * verdict takes few restarts.
 */
@SuppressWarnings("NullAway.Init") // JUnit fills them in.
class TeethTest {
    /** Crashes that are tried before a variant counts as not caught. */
    private static final int TRIES = 6;

    private static final int BIG = 4096;

    /** Of which one in four or so tears an entry behind its head. */
    private static final int SEEDS = 32;

    private static final Map<Side, Profile> TORN =
            Map.of(Side.ALPHA, Profile.LAST_TORN, Side.BETA, Profile.NOTHING);

    /** Some variants show in a node that does not come up; an honest one takes 3 s. */
    private static final Duration LIMIT = Duration.ofSeconds(15);

    private static long seed;

    /** Both nodes to the end. */
    private static RecordedRun honest;

    /** The primary alone in the end. */
    private static RecordedRun alone;

    @BeforeAll
    static void record() throws Exception {
        RecordingDisk.assumePossible();
        seed = Long.getLong("tidemark.seed", ThreadLocalRandom.current().nextLong());
        System.out.println("teeth: -Dtidemark.seed=" + seed);
        honest = run(Script.SHORT, List.of());
        alone = run(Script.ALONE, List.of());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SUPERBLOCK_STORES")
    void aForgottenSyncIsCaught(LostSyncs lost) throws Exception {
        caught(lost.name(), new CrashTrial(lost.in(honest), List.of()), atTheEnd());
    }

    @Test
    void anApplyLimitThatIsNotSyncedIsCaught() throws Exception {
        RecordedRun broken = LostSyncs.SUPERBLOCK_STORES.in(alone);
        caught("SUPERBLOCK_STORES", new CrashTrial(broken, List.of()), givenUp());
    }

    @Test
    void anHonestReplyIsNeverEarly() {
        assertThat(early(honest)).isEmpty();
    }

    @Test
    void aReplyBeforeTheReplicaHasRecordedIsCaught() throws Exception {
        RecordedRun run = run(Script.SHORT, List.of(Sabotage.ANSWERED_BEFORE_RECORDED));
        caught("ANSWERED_BEFORE_RECORDED", new CrashTrial(run, List.of()), early(run));
    }

    @Test
    void anHonestFlushIsNeverHollow() {
        assertThat(hollow(honest)).isEmpty();
    }

    @Test
    void aReplyToAFlushBeforeItIsDurableIsCaught() throws Exception {
        RecordedRun run = run(Script.SHORT, List.of(Sabotage.FLUSHED_BEFORE_DURABLE));
        caught("FLUSHED_BEFORE_DURABLE", new CrashTrial(run, List.of()), hollow(run));
    }

    @Test
    void applyingBeforeTheLogIsDurableIsCaught() throws Exception {
        List<Sabotage> broken = List.of(Sabotage.APPLIED_BEFORE_DURABLE, Sabotage.ORDER_UNCHECKED);
        RecordedRun run = run(Script.ALONE, broken);
        caught("APPLIED_BEFORE_DURABLE", new CrashTrial(run, broken), hasty(run));
    }

    @Test
    void ignoringATornTailIsCaught() throws Exception {
        List<Sabotage> broken = List.of(Sabotage.TORN_TAIL_IGNORED, Sabotage.TORN_FRAME_IGNORED);
        caught("TORN_TAIL_IGNORED", new CrashTrial(alone, broken), torn());
    }

    @Test
    void honestNodesPassWhereTheOthersAreCaught() throws Exception {
        passed(honest, atTheEnd());
        passed(alone, givenUp());
        passed(alone, torn());
        passed(
                honest,
                points(
                        writes(honest).map(Request::answered),
                        Profile.NOTHING,
                        Profile.EVERYTHING,
                        Plan.BOTH));
    }

    // ---- moments

    /** After a clean stop: both nodes lose their caches. */
    private static List<CrashPoint> atTheEnd() {
        return points(
                Stream.of(honest.history().clock().now()),
                Profile.NOTHING,
                Profile.NOTHING,
                Plan.BOTH);
    }

    /** The primary that went on alone loses its cache, and the other one is promoted by force. */
    private static List<CrashPoint> givenUp() {
        return points(
                Stream.of(alone.history().clock().now()),
                Profile.NOTHING,
                Profile.EVERYTHING,
                Plan.FORCED);
    }

    /** Right after a reply that the replica's journal has not deserved: the primary is lost. */
    private static List<CrashPoint> early(RecordedRun run) {
        JournalTrace beta = new JournalTrace(run, Side.BETA);
        return points(
                writes(run)
                        .filter(w -> beta.arrival(w) != Request.NEVER)
                        .filter(w -> beta.arrival(w) > w.answered())
                        .map(Request::answered),
                Profile.NOTHING,
                Profile.EVERYTHING,
                Plan.BOTH);
    }

    /**
     * Right after a reply to FLUSH or with FUA that neither journal has deserved: both lose their
     * caches.
     */
    private static List<CrashPoint> hollow(RecordedRun run) {
        JournalTrace alpha = new JournalTrace(run, Side.ALPHA);
        JournalTrace beta = new JournalTrace(run, Side.BETA);
        return points(
                requests(run)
                        .filter(r -> r.fua() || !r.mutates())
                        .filter(
                                r ->
                                        writes(run)
                                                .filter(w -> w == r || w.answered() < r.sent())
                                                .filter(w -> !r.mutates() || w == r)
                                                .filter(w -> alpha.unsynced(w, r.answered()))
                                                .anyMatch(w -> beta.unsynced(w, r.answered())))
                        .map(Request::answered),
                Profile.NOTHING,
                Profile.NOTHING,
                Plan.BOTH);
    }

    /** While the primary applies what may not be synced in its journal: it loses its cache. */
    private static List<CrashPoint> hasty(RecordedRun run) {
        JournalTrace alpha = new JournalTrace(run, Side.ALPHA);
        return points(
                alpha.applyingUnsynced().filter(run::aloneAt),
                Profile.NOTHING,
                Profile.NOTHING,
                Plan.ALONE);
    }

    /** With a large entry not synced, of which the head is there and not all of the rest. */
    private static List<CrashPoint> torn() {
        JournalTrace alpha = new JournalTrace(alone, Side.ALPHA);
        CrashStates states = new CrashStates(alone.ops(Side.ALPHA));
        List<CrashPoint> found = new ArrayList<>();
        for (DiskOp.Write write : alpha.largeFrames(BIG).toList().reversed()) {
            long clock = write.clock();
            if (found.size() < TRIES && alone.aloneAt(clock) && alpha.hasUnsynced(clock, clock)) {
                LongStream.range(seed, seed + SEEDS)
                        .filter(
                                s ->
                                        JournalTrace.torn(
                                                states.at(clock, Profile.LAST_TORN, s), write))
                        .limit(1)
                        .mapToObj(s -> new CrashPoint(clock, TORN, Plan.ALONE, s))
                        .forEach(found::add);
            }
        }
        return found;
    }

    private static List<CrashPoint> points(
            Stream<Long> clocks, Profile alpha, Profile beta, Plan plan) {
        Map<Side, Profile> profiles = new EnumMap<>(Map.of(Side.ALPHA, alpha, Side.BETA, beta));
        List<CrashPoint> all = new ArrayList<>();
        clocks.sorted(Comparator.reverseOrder())
                .limit(TRIES)
                .forEach(clock -> all.add(new CrashPoint(clock, profiles, plan, seed + clock)));
        return all;
    }

    // ---- verdicts

    private static void caught(String variant, CrashTrial trial, List<CrashPoint> points)
            throws IOException, InterruptedException {
        assertThat(points).as("moments at which %s shows", variant).isNotEmpty();
        for (CrashPoint point : points) {
            try {
                trial.limit(LIMIT).perform(point);
            } catch (AssertionError e) {
                System.out.println(variant + " is caught: " + e.getMessage());
                return;
            }
        }
        throw new AssertionError(
                "%s is not caught at %s, -Dtidemark.seed=%d".formatted(variant, points, seed));
    }

    /** One is enough here: the oracle's own test tries many. */
    private static void passed(RecordedRun run, List<CrashPoint> points)
            throws IOException, InterruptedException {
        assertThat(points).isNotEmpty();
        new CrashTrial(run, List.of()).perform(points.getFirst());
    }

    private static Stream<Request> writes(RecordedRun run) {
        return requests(run).filter(r -> r.kind() == Request.Kind.WRITE);
    }

    private static Stream<Request> requests(RecordedRun run) {
        return run.history().until(Request.NEVER).stream()
                .filter(r -> r.answered() != Request.NEVER);
    }

    private static RecordedRun run(Script script, List<Sabotage> sabotages)
            throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("tm-teeth");
        try {
            return RecordedRun.run(work, script, seed, sabotages);
        } finally {
            TrialFolder.delete(work);
        }
    }
}
