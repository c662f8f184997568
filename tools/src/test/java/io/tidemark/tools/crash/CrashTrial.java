package io.tidemark.tools.crash;

import io.tidemark.tools.disk.DiskClock;
import io.tidemark.tools.disk.DiskOp;
import io.tidemark.tools.disk.RecordingDisk;
import io.tidemark.tools.it.PairOnDisks;
import io.tidemark.tools.it.PairOnDisks.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Starts two nodes from what a crash left and judges what they make of it. A failure names the
 * crash, so that it can be tried again.
 */
final class CrashTrial {
    /** Above those of any file in a run. */
    private static final int OTHER_NUMBERS = 1_000_000;

    private final RecordedRun run;
    private final List<Sabotage> sabotages;
    private Duration limit = Duration.ofSeconds(30);

    /**
     * @param sabotages of the nodes that recover
     */
    CrashTrial(RecordedRun run, List<Sabotage> sabotages) {
        this.run = run;
        this.sabotages = List.copyOf(sabotages);
    }

    /** How long nodes may take to serve and to be in sync. */
    CrashTrial limit(Duration atMost) {
        limit = atMost;
        return this;
    }

    /** One crash, one recovery. */
    void perform(CrashPoint point) throws IOException, InterruptedException {
        try (TrialFolder folder = new TrialFolder()) {
            for (Side side : Side.values()) {
                state(side, point).writeTo(folder.disk(side));
            }
            try (PairOnDisks pair = pair(folder)) {
                recover(pair, point);
            }
            folder.passed();
        } catch (AssertionError | InterruptedException e) {
            throw new OracleFailure(point + ": " + e.getMessage(), e);
        }
    }

    /**
     * A crash, and another one in the middle of the recovery from it: the second recovery ends
     * where the first one did.
     */
    void performTwice(CrashPoint point) throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(point.seed());
        DiskClock clock = new DiskClock();
        Map<Side, List<DiskOp>> ops = new EnumMap<>(Side.class);
        byte[] first;
        long begin;
        try (TrialFolder folder = new TrialFolder();
                RecordingDisk alpha = recording(folder, Side.ALPHA, point, clock);
                RecordingDisk beta = recording(folder, Side.BETA, point, clock)) {
            begin = clock.now();
            try (PairOnDisks pair = pair(folder)) {
                pair.start();
                first = pair.volume(Side.ALPHA);
            }
            ops.put(Side.ALPHA, alpha.ops());
            ops.put(Side.BETA, beta.ops());
            folder.passed();
        } catch (AssertionError | InterruptedException e) {
            throw new OracleFailure(point + ": " + e.getMessage(), e);
        }
        long second = random.nextLong(begin, clock.now() + 1);
        Profile profile = CrashPoints.profile(random);
        String what =
                "%s, then %s at %d of %d to %d"
                        .formatted(point, profile, second, begin, clock.now());
        try (TrialFolder folder = new TrialFolder()) {
            for (Side side : Side.values()) {
                List<DiskOp> done = ops.getOrDefault(side, List.of());
                new CrashStates(done, begin)
                        .at(second, profile, random.nextLong())
                        .writeTo(folder.disk(side));
            }
            try (PairOnDisks pair = pair(folder)) {
                if (!Arrays.equals(first, recover(pair, point))) {
                    throw new OracleFailure("the second recovery ends with other data");
                }
            }
            folder.passed();
        } catch (AssertionError | InterruptedException e) {
            throw new OracleFailure(what + ": " + e.getMessage(), e);
        }
    }

    private RecordingDisk recording(
            TrialFolder folder, Side side, CrashPoint point, DiskClock clock) throws IOException {
        state(side, point).writeTo(folder.host(side));
        return RecordingDisk.mount(folder.disk(side), folder.host(side), clock, OTHER_NUMBERS);
    }

    private DiskState state(Side side, CrashPoint point) {
        return new CrashStates(run.ops(side)).at(point.clock(), point.profile(side), point.seed());
    }

    private PairOnDisks pair(TrialFolder folder) throws IOException {
        return new PairOnDisks(
                        folder.path(),
                        folder.disks(),
                        RecordedRun.VOLUME,
                        Saboteur.options(folder.path(), sabotages))
                .limit(limit);
    }

    private byte[] recover(PairOnDisks pair, CrashPoint point)
            throws IOException, InterruptedException {
        return switch (point.plan()) {
            case BOTH -> both(pair, point);
            case ALONE -> alone(pair, point);
            case FORCED -> forced(pair);
        };
    }

    private byte[] both(PairOnDisks pair, CrashPoint point)
            throws IOException, InterruptedException {
        pair.start();
        byte[] volume = pair.volume(Side.ALPHA);
        pair.stop(Side.ALPHA).compare();
        judge(pair, point, volume);
        return volume;
    }

    private byte[] alone(PairOnDisks pair, CrashPoint point)
            throws IOException, InterruptedException {
        pair.start(Side.ALPHA).awaitAlone(Side.ALPHA);
        byte[] volume = pair.volume(Side.ALPHA);
        pair.stopOnly(Side.ALPHA);
        judge(pair, point, volume);
        return volume;
    }

    /** What only alpha held is given up by force, so nothing is required of the volume. */
    private static byte[] forced(PairOnDisks pair) throws IOException, InterruptedException {
        pair.start(Side.BETA).promote(Side.BETA);
        byte[] volume = pair.volume(Side.BETA);
        pair.start(Side.ALPHA, "replica").awaitInSyncOrDiverged(Side.BETA);
        boolean diverged = pair.diverged(Side.BETA);
        pair.stop(Side.BETA);
        if (!diverged) {
            pair.compare();
        }
        LogReplay.compare("the volume", volume, LogContents.read(pair.directory(Side.BETA)));
        return volume;
    }

    /** Alpha has been stopped; the volume is what a client read before. */
    private void judge(PairOnDisks pair, CrashPoint point, byte[] volume) throws IOException {
        List<LoggedRequest> log = LogContents.read(pair.directory(Side.ALPHA));
        List<Request> required = point.promise(run).of(run.history(), point.clock());
        new VolumeCheck(run.history(), point.clock(), RecordedRun.VOLUME)
                .written(volume)
                .holds(volume, required);
        new OrderCheck(run.history(), point.clock()).log(log).noHoles().holds(required);
        LogReplay.compare("the volume", volume, log);
        byte[] partition = Files.readAllBytes(pair.partition(Side.ALPHA));
        LogReplay.compare("the partition", Arrays.copyOf(partition, volume.length), log);
    }
}
