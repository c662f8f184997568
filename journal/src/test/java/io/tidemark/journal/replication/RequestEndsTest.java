package io.tidemark.journal.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RequestEndsTest {
    @Test
    void theHighestEndUpToAPositionIsFoundWhileTheRingGrowsAndWraps() {
        SplittableRandom random = new SplittableRandom(7);
        RequestEnds ends = new RequestEnds();
        TreeSet<Long> model = new TreeSet<>();
        long appended = 0;
        long committed = 0;
        for (int i = 0; i < 20_000; i++) {
            for (int n = random.nextInt(i < 5_000 ? 4 : 2); n > 0; n--) {
                appended += 1 + random.nextInt(100);
                ends.add(appended);
                model.add(appended);
            }
            if (random.nextInt(2) == 0 || i > 5_000) {
                long position = committed + random.nextLong(appended - committed + 50);
                Long highest = model.floor(position);
                long expected = highest == null ? committed : highest;
                model.headSet(position, true).clear();
                committed = ends.takeUpTo(position, committed);
                assertThat(committed).isEqualTo(expected);
            }
        }
    }

    @Test
    void clearingForgetsAll() {
        RequestEnds ends = new RequestEnds();
        ends.add(10);
        ends.clear();
        assertThat(ends.takeUpTo(100, 3)).isEqualTo(3);
    }
}
