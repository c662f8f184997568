package io.tidemark.journal.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Three nodes of one epoch. The first lost its log from 600 on, up to 1000 where it was durable; a
 * second one has it. The third was cut off at 700, was promoted by force and has another log from
 * there: the same before the damage, longer, valid in every checksum.
 */
class OwnLogTest {
    private static final EpochIdentity ONE = epoch(1, 0);
    private static final EpochIdentity TWO = epoch(2, 500);
    private static final EpochIdentity FORCED = epoch(3, 700);
    private static final EpochHistory COMMON = Exchange.history(ONE, TWO);
    private static final EpochHistory BRANCH = Exchange.history(ONE, TWO, FORCED);

    private static EpochIdentity epoch(long number, long start) {
        return Exchange.epoch(number, start, new UUID(0, number));
    }

    private static RangeRequest request(long from, long end, @Nullable EpochIdentity atEnd) {
        return new RangeRequest(1, 2, TWO, 600, from, 400, end, atEnd);
    }

    private static OwnLog read(long end, EpochHistory epochs) {
        return new OwnLog(0, end, end, epochs, 0, null);
    }

    @Test
    void onlyTheNodeOnTheSameBranchGivesTheEndOfALog() {
        RangeRequest request = request(608, 1_000, TWO);
        assertThat(read(1_000, COMMON).problem(request)).isEmpty();
        assertThat(read(1_200, BRANCH).problem(request)).contains("another history").contains("10");
        assertThat(read(1_200, Exchange.history(ONE, TWO, epoch(4, 1_000))).problem(request))
                .as("what begins at the end is another matter")
                .isEmpty();
    }

    @Test
    void withoutTheEpochAtTheEndTheBranchCannotBeTold() {
        assertThat(read(1_200, BRANCH).problem(request(608, 0, null))).isEmpty();
    }

    @Test
    void anEndThatWasOfTheBranchComesFromTheBranch() {
        RangeRequest request = request(608, 1_000, FORCED);
        assertThat(read(1_200, BRANCH).problem(request)).isEmpty();
        assertThat(read(1_000, COMMON).problem(request)).contains("another history");
    }

    @Test
    void aLogThatDoesNotReachTheEndIsNotAskedFurther() {
        assertThat(read(990, COMMON).problem(request(608, 1_000, TWO))).contains("ends at");
        assertThat(read(1_000, COMMON).problem(request(1_024, 1_000, TWO))).contains("ends at");
    }

    @Test
    void aNodeThatCannotReadItsOwnLogToTheEndRemembersWhichItWas() {
        RangeRequest request = request(608, 1_000, TWO);
        assertThat(new OwnLog(0, 1_000, 800, COMMON, 1_000, COMMON).problem(request)).isEmpty();
        assertThat(new OwnLog(0, 1_000, 800, COMMON, 1_000, BRANCH).problem(request))
                .contains("another history");
        assertThat(new OwnLog(0, 1_000, 800, COMMON, 900, COMMON).problem(request))
                .contains("only up to position 800");
        assertThat(new OwnLog(0, 1_000, 800, COMMON, 1_000, null).problem(request))
                .contains("only up to position 800");
    }

    @Test
    void anotherHistoryBeforeTheDamageIsRefusedFirst() {
        EpochHistory other = Exchange.history(ONE, epoch(3, 400));
        assertThat(read(1_000, other).problem(request(608, 1_000, TWO)))
                .contains("another history before position 600");
        assertThat(read(550, COMMON).problem(request(608, 0, null))).contains("ends at");
        assertThat(new OwnLog(0, 1_000, 500, COMMON, 0, null).problem(request(608, 0, null)))
                .contains("only up to position 500");
    }

    @Test
    void aRequestThatMakesNoSenseIsRefused() {
        assertThat(read(1_000, COMMON).problem(request(601, 0, null))).contains("no sense");
        assertThat(read(1_000, COMMON).problem(request(320, 0, null))).contains("no sense");
        assertThat(new OwnLog(640, 1_000, 1_000, COMMON, 0, null).problem(request(608, 0, null)))
                .contains("begins at");
    }
}
