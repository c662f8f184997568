package io.tidemark.tools.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.node.RecoveryProgress.Step;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecoveryProgressTest {
    private static final long MIB = 1 << 20;
    private static final long SECOND = 1_000_000_000L;

    private final List<String> lines = new ArrayList<>();
    private final RecoveryProgress progress = new RecoveryProgress("r0", lines::add);

    @Test
    void aRecoveryOfLessThanASecondIsNotWorthALine() {
        for (int i = 0; i < 10; i++) {
            progress.observe(Step.SCAN, i * MIB, 10 * MIB, i * SECOND / 10);
        }
        progress.observe(Step.NONE, 0, 0, SECOND);
        assertThat(lines).isEmpty();
        assertThat(progress.text()).isEmpty();
    }

    @Test
    void aLongerOneSaysPositionRateAndTimeLeftOnceASecond() {
        for (int i = 0; i <= 25; i++) {
            progress.observe(Step.SCAN, 1000 + 10L * i * MIB, 1000 + 500 * MIB, i * SECOND / 10);
        }
        assertThat(lines)
                .containsExactly(
                        "r0 reads its log: position 104858600 of 524289000, 100 MiB/s, about 4 s left",
                        "r0 reads its log: position 209716200 of 524289000, 100 MiB/s, about 3 s left");
        assertThat(progress.text()).isEqualTo(lines.getLast().substring("r0 ".length()));
        progress.observe(Step.NONE, 0, 0, 3 * SECOND);
        assertThat(progress.text()).isEmpty();
    }

    @Test
    void nothingIsSaidOfTimeWhileNothingMoves() {
        progress.observe(Step.SCAN, 5, 100, 0);
        progress.observe(Step.SCAN, 5, 100, SECOND);
        assertThat(lines).containsExactly("r0 reads its log: position 5 of 100");
    }

    @Test
    void theTimeLeftIsNeverNegative() {
        progress.observe(Step.APPLY, 0, MIB, 0);
        progress.observe(Step.APPLY, 2 * MIB, MIB, SECOND);
        assertThat(lines)
                .containsExactly(
                        "r0 applies its log: position 2097152 of 2097152, 2 MiB/s, about 0 s left");
    }

    @Test
    void aStepThatBeginsAnewIsTimedAnew() {
        progress.observe(Step.SCAN, 0, 100 * MIB, 0);
        progress.observe(Step.APPLY, 50 * MIB, 100 * MIB, 10 * SECOND);
        progress.observe(Step.APPLY, 60 * MIB, 100 * MIB, 11 * SECOND);
        assertThat(lines)
                .containsExactly(
                        "r0 applies its log: position 62914560 of 104857600, 10 MiB/s, about 4 s left");
    }
}
