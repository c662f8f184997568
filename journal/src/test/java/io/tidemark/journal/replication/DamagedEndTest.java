package io.tidemark.journal.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import io.tidemark.journal.log.Damage;
import io.tidemark.journal.log.Trail;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * A log of epochs 1 and 2 that is damaged from 600 on, ends at 1000, and has to be compared with
 * that of whoever reigns now.
 */
class DamagedEndTest {
    private static final EpochIdentity ONE = epoch(1, 0);
    private static final EpochIdentity TWO = epoch(2, 500);

    private static EpochIdentity epoch(long number, long start) {
        return Exchange.epoch(number, start, new UUID(0, number));
    }

    private static DamagedEnd end(boolean anchored, long applyLimit) {
        Superblock superblock =
                Superblock.first(new UUID(0, 1), null, "r0", Superblock.NIL, List.of())
                        .withDurable(1_000, applyLimit)
                        .withApplyLimit(applyLimit)
                        .withEpochs(List.of(ONE), 2)
                        .withHistory(Exchange.history(ONE, TWO));
        Trail before = new Trail(600, 0, Exchange.history(ONE, TWO), List.of(), 0, null, null);
        return new DamagedEnd(
                new Damage(600, 900, anchored, before, 0, "zeroes"), 1_000, superblock);
    }

    private static Hello reigning(EpochIdentity... epochs) {
        return hello(Role.PRIMARY, epochs);
    }

    private static Hello hello(Role role, EpochIdentity... epochs) {
        EpochHistory history = Exchange.history(epochs);
        // Its log has grown since.
        return Exchange.helloOf(0, 1, role, 550, 0, history, history.lastNumber());
    }

    @Test
    void aLaterReignThatBeganBeforeTheDamageHasNothingOfIt() {
        assertThat(end(true, 500).supersededBy(reigning(ONE, epoch(3, 580)), false)).isTrue();
        assertThat(end(false, 500).supersededBy(reigning(ONE, epoch(3, 580)), false)).isTrue();
        assertThat(end(true, 500).supersededBy(hello(Role.REPLICA, ONE, epoch(3, 580)), false))
                .as("a replica does not reign")
                .isFalse();
    }

    @Test
    void aLaterReignThatBeganWithinTheDamageIsKnownByTheEpochAtTheEnd() {
        Hello within = reigning(ONE, TWO, epoch(3, 700));
        assertThat(end(false, 500).supersededBy(within, false)).isTrue();
        assertThat(end(true, 500).supersededBy(within, false)).as("may have it").isFalse();
        assertThat(end(true, 500).supersededBy(within, true)).as("has another entry").isTrue();
    }

    @Test
    void aLaterReignThatBeganBehindItHasIt() {
        Hello behind = reigning(ONE, TWO, epoch(3, 950));
        assertThat(end(false, 500).supersededBy(behind, false)).isFalse();
        assertThat(end(true, 500).supersededBy(behind, false)).isFalse();
    }

    @Test
    void theReignOfThisLogIsAskedForWhatIsMissing() {
        assertThat(end(false, 500).supersededBy(reigning(ONE, TWO), false)).isFalse();
        assertThat(end(true, 500).supersededBy(reigning(ONE, epoch(2, 580)), true))
                .as("another epoch of the same number: neither follows the other")
                .isFalse();
    }

    @Test
    void whatThePartitionMayHoldIsNeverGivenUp() {
        assertThat(end(true, 601).mayGiveUp()).isFalse();
        assertThat(end(true, 601).supersededBy(reigning(ONE, epoch(3, 580)), false)).isFalse();
        assertThat(end(true, 590).supersededBy(reigning(ONE, epoch(3, 580)), false))
                .as("following would be refused as diverged")
                .isFalse();
        assertThat(end(true, 600).mayGiveUp()).isTrue();
        assertThat(end(true, 600).bytes()).isEqualTo(400);
    }
}
