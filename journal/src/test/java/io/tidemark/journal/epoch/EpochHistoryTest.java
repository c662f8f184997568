package io.tidemark.journal.epoch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EpochHistoryTest {
    /** A log as a list: position i was written in this epoch. */
    private record Log(List<EpochIdentity> writers) {
        EpochHistory history() {
            EpochHistory history = EpochHistory.EMPTY;
            for (EpochIdentity writer : writers) {
                history = history.with(writer);
            }
            return history;
        }

        long common(Log other) {
            int i = 0;
            while (i < Math.min(writers.size(), other.writers.size())
                    && writers.get(i).equals(other.writers.get(i))) {
                i++;
            }
            return i;
        }
    }

    /** Logs that continue prefixes of each other, as promotions make them. */
    @Test
    void commonIsWhatAComparisonOfAllPositionsFinds() {
        long seed = Long.getLong("tidemark.seed", System.nanoTime());
        System.out.println("EpochHistoryTest: -Dtidemark.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 300; round++) {
            List<Log> logs = new ArrayList<>(List.of(new Log(List.of())));
            for (int i = 1; i < 8; i++) {
                Log from = logs.get(random.nextInt(logs.size()));
                List<EpochIdentity> writers =
                        new ArrayList<>(
                                from.writers()
                                        .subList(0, random.nextInt(from.writers().size() + 1)));
                if (random.nextInt(4) != 0) {
                    long number =
                            writers.isEmpty()
                                    ? 1
                                    : writers.getLast().number() + 1 + random.nextInt(2);
                    EpochIdentity epoch =
                            new EpochIdentity(
                                    number, writers.size(), 0, new UUID(0, 1), new UUID(round, i));
                    for (int n = 1 + random.nextInt(6); n > 0; n--) {
                        writers.add(epoch);
                    }
                }
                logs.add(new Log(writers));
            }
            for (Log one : logs) {
                for (Log other : logs) {
                    assertThat(
                                    one.history()
                                            .common(
                                                    one.writers().size(),
                                                    other.history(),
                                                    other.writers().size()))
                            .isEqualTo(one.common(other));
                }
            }
        }
    }

    @Test
    void epochsOutOfOrderAreRefused() {
        EpochIdentity first = new EpochIdentity(2, 10, 0, new UUID(0, 1), new UUID(0, 1));
        EpochIdentity lower = new EpochIdentity(1, 20, 0, new UUID(0, 1), new UUID(0, 2));
        EpochIdentity earlier = new EpochIdentity(3, 10, 0, new UUID(0, 1), new UUID(0, 3));
        EpochHistory history = EpochHistory.EMPTY.with(first);
        assertThatThrownBy(() -> history.with(lower)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> history.with(earlier))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(history.with(first)).isEqualTo(history);
    }
}
