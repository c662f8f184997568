package io.tidemark.tools.crash;

import io.tidemark.tools.it.PairOnDisks.Side;
import java.util.Map;

/**
 * One moment at which power fails or processes die.
 *
 * @param clock nothing later happened, on any node
 * @param profiles what each node's disk keeps of what was not synced
 * @param plan what is done then
 * @param seed of what is drawn
 */
record CrashPoint(long clock, Map<Side, Profile> profiles, Plan plan, long seed) {
    Profile profile(Side side) {
        return profiles.getOrDefault(side, Profile.EVERYTHING);
    }

    /**
     * What the clients may rely on: a primary that only its process lost, or an in-sync replica of
     * which that is true, holds whatever was answered.
     */
    MustSurvive promise(RecordedRun run) {
        boolean alphaHolds = profile(Side.ALPHA) == Profile.EVERYTHING;
        boolean betaHolds = profile(Side.BETA) == Profile.EVERYTHING && run.inSyncAt(clock);
        return alphaHolds || betaHolds ? MustSurvive.ANSWERED : MustSurvive.FLUSHED;
    }
}
