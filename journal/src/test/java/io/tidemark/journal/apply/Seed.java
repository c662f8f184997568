package io.tidemark.journal.apply;

import java.util.SplittableRandom;

/**
 * The seed of a random test: printed, and taken from the system property {@code tidemark.seed} to
 * run the same again.
 */
final class Seed {
    private Seed() {}

    static SplittableRandom random(Class<?> test) {
        long seed = Long.getLong("tidemark.seed", System.nanoTime());
        System.out.println(test.getSimpleName() + ": -Dtidemark.seed=" + seed);
        return new SplittableRandom(seed);
    }
}
