package io.tidemark.tools.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.disk.RecordingDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Power cuts and kills of one or both nodes at sampled moments of a recorded run: nothing that was
 * promised is lost. More states with -Dtidemark.crash.states=N, the same ones with -Dtidemark.seed.
 */
@SuppressWarnings("NullAway.Init") // JUnit fills them in.
class CrashOracleTest {
    private static final int STATES = Integer.getInteger("tidemark.crash.states", 12);

    /** A crash in a recovery takes three starts of both nodes. */
    private static final int TWICE = Math.max(1, STATES / 4);

    private static long seed;
    private static RecordedRun run;

    /** What is tried at each crash point. */
    private interface Trial {
        void perform(CrashPoint point) throws IOException, InterruptedException;
    }

    @BeforeAll
    static void record() throws Exception {
        RecordingDisk.assumePossible();
        seed = Long.getLong("tidemark.seed", ThreadLocalRandom.current().nextLong());
        System.out.println("crash oracle: -Dtidemark.seed=" + seed);
        Path work = Files.createTempDirectory("tm-run");
        try {
            run = RecordedRun.run(work, RecordedRun.Script.LONG, seed, List.of());
        } finally {
            TrialFolder.delete(work);
        }
    }

    @Test
    void nothingPromisedIsLostWhereverThePowerFails() throws Exception {
        CrashPoints points = new CrashPoints(run, seed);
        tryAll(points, STATES, new CrashTrial(run, List.of())::perform);
    }

    @Test
    void aCrashDuringRecoveryChangesNothing() throws Exception {
        CrashPoints points = new CrashPoints(run, seed + 1).bothStart();
        tryAll(points, TWICE, new CrashTrial(run, List.of())::performTwice);
    }

    private static void tryAll(CrashPoints points, int count, Trial trial)
            throws IOException, InterruptedException {
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            CrashPoint point = points.next();
            long start = System.nanoTime();
            try {
                trial.perform(point);
            } catch (OracleFailure e) {
                failures.add(e.getMessage());
                System.out.println(e.getMessage());
            }
            System.out.printf("%s %d ms%n", point, (System.nanoTime() - start) / 1_000_000);
        }
        assertThat(failures).as("-Dtidemark.seed=%d", seed).isEmpty();
    }
}
