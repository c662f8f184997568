package io.tidemark.journal.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.replication.Simulation.Faults;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Short random lives of two and three nodes. Run one again with {@code -Dtidemark.seed=N
 * -Dtidemark.schedules=1}; more of them with {@code -Dtidemark.schedules=10000}.
 */
class SimulationTest {
    private static final long SEED = Long.getLong("tidemark.seed", System.nanoTime());
    private static final int SCHEDULES = Integer.getInteger("tidemark.schedules", 200);

    @ParameterizedTest
    @EnumSource(Faults.class)
    void whatWasAnsweredSurvivesAndAllLogsBecomeOne(Faults faults) {
        System.out.println("SimulationTest " + faults + ": -Dtidemark.seed=" + SEED);
        long answers = 0;
        for (int i = 0; i < SCHEDULES; i++) {
            for (int size = 2; size <= 3; size++) {
                Simulation simulation = new Simulation(SEED + i, size, faults);
                simulation.run();
                answers += simulation.served;
            }
        }
        assertThat(answers).isGreaterThan(50L * SCHEDULES);
    }
}
