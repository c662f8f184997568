package io.tidemark.journal.replication;

import static io.tidemark.journal.replication.Exchange.ME;
import static io.tidemark.journal.replication.Exchange.OTHER;
import static io.tidemark.journal.replication.Exchange.PEER;
import static io.tidemark.journal.replication.Exchange.epoch;
import static io.tidemark.journal.replication.Exchange.history;
import static io.tidemark.journal.replication.Exchange.standing;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.epoch.EpochHistory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A reign is given up, to a replica or to nobody, and taken over. Node 1 is this one. */
class HandoverTest {
    private static final EpochHistory MINE = history(epoch(1, 0, ME));
    private static final EpochHistory THEIRS = history(epoch(1, 0, PEER));

    @Test
    void thePrimaryLetsGoOnceTheEndIsDurableOnItsSet() {
        Exchange primary = Exchange.serving(Protocol.C, 1);
        primary.state.demote(PEER);
        primary.step();
        assertThat(primary.actions.take()).containsExactly("end for 2");
        primary.append(200);
        primary.state.epochEnded(200);
        primary.disk(200, 200);
        primary.step();
        assertThat(primary.actions.take()).isEmpty();
        primary.positions(0, 200, 200);
        primary.step();
        assertThat(primary.actions.take()).containsExactly("demoted", "step down", "recover");
        primary.recovered(standing(200, MINE, List.of(PEER), PEER));
        assertThat(primary.state.role()).isEqualTo(Role.REPLICA);
        assertThat(primary.state.phase()).isEqualTo(Phase.WAITING);
    }

    @Test
    void aReplicaThatIsNotInSyncGetsNothingUntilItIs() {
        Exchange primary = Exchange.serving(Protocol.C, 1);
        primary.state.demote(OTHER);
        primary.step();
        primary.after(29 * Exchange.SECOND);
        assertThat(primary.actions.take()).isEmpty();
        primary.after(2 * Exchange.SECOND);
        assertThat(primary.state.phase()).isEqualTo(Phase.SERVING);
        primary.state.demote(ME);
        primary.step();
        assertThat(primary.actions.take()).containsExactly("end for 1");
    }

    @Test
    void theHeirOpensTheNextEpochByItself() {
        Exchange heir = new Exchange(Protocol.C, 1);
        heir.recover(false, standing(200, THEIRS, List.of(ME), ME));
        assertThat(heir.state.phase()).isEqualTo(Phase.SETTLING);
        // What the former primary said before it let go is not a reign.
        heir.hello(0, 1, Role.PRIMARY, 200, 0, THEIRS);
        assertThat(heir.actions.take()).isEmpty();
        heir.hello(0, 1, Role.REPLICA, 200, 0, THEIRS);
        assertThat(heir.actions.take()).containsExactly("open 2");
    }

    @Test
    void theHeirYieldsToWhoReignsAlready() {
        Exchange heir = new Exchange(Protocol.C, 1);
        heir.recover(false, standing(200, THEIRS, List.of(ME), ME));
        heir.hello(0, 1, Role.PRIMARY, 300, 0, history(epoch(1, 0, PEER), epoch(2, 200, PEER)));
        assertThat(heir.state.role()).isEqualTo(Role.REPLICA);
    }

    @Test
    void aStoppedNodeIsNotItsOwnHeirByItself() {
        Exchange node = new Exchange(Protocol.C, 1);
        node.recover(false, standing(200, MINE, List.of(), ME));
        node.hello(0, 1, Role.REPLICA, 200, 0, MINE);
        assertThat(node.state.phase()).isEqualTo(Phase.WAITING);
    }

    @Test
    void whoIsEntitledOpensAnEpochForACandidateThatIsNot() {
        Exchange entitled = new Exchange(Protocol.C, 1);
        entitled.recover(false, standing(200, MINE, List.of(PEER), ME));
        entitled.hello(0, 1, Role.CANDIDATE, 200, 0, MINE);
        assertThat(entitled.actions.take()).containsExactly("recover");
        entitled.recovered(standing(200, MINE, List.of(PEER), ME));
        entitled.hello(0, 1, Role.CANDIDATE, 200, 0, MINE);
        entitled.openAsPlanned(300);
        entitled.hello(0, 1, Role.REPLICA, 200, 0, MINE);
        entitled.disk(300, 300);
        entitled.applied(300);
        entitled.positions(0, 300, 300);
        entitled.step();
        entitled.step();
        assertThat(entitled.actions.take())
                .containsSubsequence("open 2", "tell 0 to follow from 200", "serve", "end for 2");
    }

    @Test
    void noForceIsNeededIfTheEntitledNodeIsThere() {
        Exchange node = new Exchange(Protocol.C, 1);
        node.recover(false, standing(200, THEIRS, List.of(ME), PEER));
        assertThat(node.state.needsForce()).isTrue();
        node.hello(0, 1, Role.REPLICA, 200, 0, THEIRS);
        assertThat(node.state.needsForce()).isFalse();
    }

    @Test
    void theHeirDoesNotWaitForEverForAFormerPrimaryThatDoesNotLetGo() {
        Exchange heir = new Exchange(Protocol.C, 1);
        heir.recover(false, standing(200, THEIRS, List.of(ME), ME));
        heir.hello(0, 1, Role.PRIMARY, 200, 0, THEIRS);
        heir.after(Exchange.SECOND / 2);
        assertThat(heir.actions.take()).doesNotContain("open 2");
        heir.after(Exchange.SECOND);
        assertThat(heir.actions.take()).contains("open 2");
    }

    @Test
    void whoIsEntitledHandsOverAlsoToACandidateThatHasMore() {
        Exchange entitled = new Exchange(Protocol.C, 1);
        entitled.recover(false, standing(200, MINE, List.of(PEER), null));
        entitled.hello(0, 1, Role.CANDIDATE, 300, 0, MINE);
        assertThat(entitled.actions.take()).containsExactly("recover");
        entitled.recovered(standing(200, MINE, List.of(PEER), null));
        assertThat(entitled.actions.take()).contains("follow 0 from 200");
        entitled.state.followEnded(300);
        entitled.recovered(standing(300, MINE, List.of(PEER), null));
        entitled.hello(0, 1, Role.CANDIDATE, 300, 0, MINE);
        entitled.openAsPlanned(400);
        entitled.hello(0, 1, Role.REPLICA, 300, 0, MINE);
        entitled.disk(400, 400);
        entitled.applied(400);
        entitled.positions(0, 400, 400);
        entitled.step();
        entitled.step();
        assertThat(entitled.actions.take()).as("over the fetch, too").contains("end for 2");
    }

    @Test
    void aReignForAnotherEndsAlsoIfThatOneDoesNotCome() {
        Exchange entitled = new Exchange(Protocol.C, 1);
        entitled.recover(false, standing(200, MINE, List.of(), ME));
        entitled.hello(0, 1, Role.CANDIDATE, 200, 0, MINE);
        entitled.recovered(standing(200, MINE, List.of(), ME));
        entitled.openAsPlanned(300);
        entitled.disk(300, 300);
        entitled.applied(300);
        entitled.step();
        entitled.after(29 * Exchange.SECOND);
        assertThat(entitled.actions.take()).doesNotContain("end for 1");
        entitled.after(2 * Exchange.SECOND);
        entitled.step();
        assertThat(entitled.actions.take()).contains("end for 1");
    }

    @Test
    void aForceIsVoidOnceALaterReignIsHeardOf() {
        Exchange node = new Exchange(Protocol.C, 1);
        node.state.start(true);
        node.state.promote(true);
        node.hello(0, 1, Role.PRIMARY, 300, 0, history(epoch(1, 0, ME), epoch(2, 200, PEER)));
        node.recovered(standing(200, MINE, List.of(), null));
        assertThat(node.actions.take()).doesNotContain("open 3");
        assertThat(node.state.role()).isEqualTo(Role.REPLICA);
        // Given again with that in sight, it counts.
        node.state.promote(true);
        node.recovered(standing(200, MINE, List.of(), null));
        assertThat(node.actions.take()).contains("open 3");
    }
}
