package io.tidemark.tools.crash;

import io.tidemark.tools.disk.DiskOp;
import io.tidemark.tools.it.PairOnDisks.Side;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/** Draws crash points of a run: around syncs, right after replies, and anywhere. */
final class CrashPoints {
    private static final List<Profile> PROFILES = List.of(Profile.values());

    private final RecordedRun run;
    private final SplittableRandom random;
    private final long[] syncs;
    private final long[] replies;
    private final long last;
    private boolean bothStart;

    CrashPoints(RecordedRun run, long seed) {
        this.run = run;
        this.random = new SplittableRandom(seed);
        this.syncs =
                run.ops().values().stream()
                        .flatMap(List::stream)
                        .filter(op -> op instanceof DiskOp.Sync || op instanceof DiskOp.SyncFolder)
                        .mapToLong(DiskOp::clock)
                        .toArray();
        this.replies =
                run.history().until(Request.NEVER).stream()
                        .mapToLong(Request::answered)
                        .filter(clock -> clock != Request.NEVER)
                        .toArray();
        this.last = LongStream.concat(LongStream.of(syncs), LongStream.of(replies)).max().orElse(0);
    }

    /** From now on both nodes start after each crash. */
    CrashPoints bothStart() {
        bothStart = true;
        return this;
    }

    static Profile profile(SplittableRandom random) {
        return PROFILES.get(random.nextInt(PROFILES.size()));
    }

    CrashPoint next() {
        long clock =
                switch (random.nextInt(3)) {
                    case 0 -> syncs[random.nextInt(syncs.length)] - random.nextInt(2);
                    case 1 -> replies[random.nextInt(replies.length)];
                    default -> random.nextLong(last + 1);
                };
        Map<Side, Profile> profiles = new EnumMap<>(Side.class);
        boolean both = random.nextBoolean();
        Side one = random.nextBoolean() ? Side.ALPHA : Side.BETA;
        for (Side side : Side.values()) {
            boolean loses = both || side == one;
            profiles.put(side, loses ? profile(random) : Profile.EVERYTHING);
        }
        List<Plan> plans =
                run.aloneAt(clock) && !bothStart ? List.of(Plan.values()) : List.of(Plan.BOTH);
        Plan plan = plans.get(random.nextInt(plans.size()));
        return new CrashPoint(clock, profiles, plan, random.nextLong());
    }
}
