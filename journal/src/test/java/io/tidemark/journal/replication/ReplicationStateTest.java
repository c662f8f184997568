package io.tidemark.journal.replication;

import static io.tidemark.journal.replication.Exchange.ME;
import static io.tidemark.journal.replication.Exchange.OTHER;
import static io.tidemark.journal.replication.Exchange.PEER;
import static io.tidemark.journal.replication.Exchange.SECOND;
import static io.tidemark.journal.replication.Exchange.epoch;
import static io.tidemark.journal.replication.Exchange.history;
import static io.tidemark.journal.replication.Exchange.standing;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages in, decisions out; nothing else is there. */
class ReplicationStateTest {
    private static final EpochHistory ONE = history(epoch(1, 0, ME));
    private static final EpochHistory ONE_OF_PEER = history(epoch(1, 0, PEER));

    // ---- replies

    /** Own recorded 500, durable 400; the replica's recorded 300, durable 200. */
    @ParameterizedTest
    @CsvSource({"A,500,400", "B,300,300", "C,300,200"})
    void repliesMeanWhatTheProtocolSays(Protocol protocol, long recorded, long durable) {
        Exchange primary = Exchange.serving(protocol, 1);
        primary.append(500);
        primary.disk(500, 400);
        primary.positions(0, 300, 200);
        primary.step();
        assertThat(primary.state.answeredRecorded()).isEqualTo(recorded);
        assertThat(primary.state.answeredDurable()).isEqualTo(durable);
    }

    @Test
    void replyWaitsForTheSlowestInSyncReplica() {
        Exchange primary = Exchange.serving(Protocol.C, 2);
        assertThat(primary.state.reign().effectiveInSync()).containsExactlyInAnyOrder(PEER, OTHER);
        primary.append(500);
        primary.disk(500, 500);
        primary.positions(0, 500, 500);
        primary.positions(1, 300, 200);
        primary.step();
        assertThat(primary.state.answeredRecorded()).isEqualTo(300);
        assertThat(primary.state.answeredDurable()).isEqualTo(200);
        assertThat(primary.state.committed()).isEqualTo(100);
        primary.positions(1, 500, 500);
        primary.step();
        assertThat(primary.state.answeredDurable()).isEqualTo(500);
        assertThat(primary.state.committed()).isEqualTo(500);
    }

    @Test
    void committedMovesFromRequestEndToRequestEnd() {
        Exchange primary = Exchange.serving(Protocol.C, 1);
        primary.append(300);
        primary.append(500);
        primary.disk(500, 450);
        primary.positions(0, 500, 400);
        primary.step();
        assertThat(primary.state.committed()).isEqualTo(300);
    }

    @Test
    void acknowledgementsOfAnotherSessionOrEpochDoNotCount() {
        Exchange primary = Exchange.serving(Protocol.C, 1);
        primary.append(500);
        primary.disk(500, 500);
        primary.state.onPositions(0, 99, 1, 500, 500, 0, 0, 0);
        primary.state.onPositions(0, 1, 7, 500, 500, 0, 0, 0);
        primary.step();
        assertThat(primary.state.answeredRecorded()).isEqualTo(100);
        primary.hello(0, 2, Role.REPLICA, 100, 0, ONE);
        primary.state.onPositions(0, 1, 1, 500, 500, 0, 0, 0);
        primary.step();
        assertThat(primary.state.answeredRecorded()).isZero();
    }

    // ---- the in-sync set

    @Test
    void joiningReplicaCountsOnlyOnceItsEntryIsDurableEverywhere() {
        Exchange fresh = new Exchange(Protocol.C, 1);
        fresh.recover(true, standing(0, EpochHistory.EMPTY, List.of(), null));
        fresh.hello(0, 1, Role.REPLICA, 0, 0, EpochHistory.EMPTY);
        fresh.openAsPlanned(100);
        fresh.hello(0, 1, Role.REPLICA, 0, 0, EpochHistory.EMPTY);
        fresh.disk(100, 100);
        fresh.step();
        fresh.actions.take();
        fresh.positions(0, 100, 100);
        fresh.step();
        assertThat(fresh.actions.take()).containsExactly("in-sync 1");
        fresh.append(200);
        fresh.state.reign().inSyncAppended(200);
        fresh.positions(0, 200, 100);
        fresh.disk(200, 200);
        fresh.state.reign().inSyncStored();
        fresh.step();
        assertThat(fresh.state.reign().effectiveInSync()).isEmpty();
        assertThat(fresh.state.answeredDurable()).isEqualTo(200);
        assertThat(fresh.state.committed())
                .as("the joiner must never find it ahead")
                .isEqualTo(100);
        fresh.positions(0, 200, 200);
        fresh.step();
        assertThat(fresh.state.reign().effectiveInSync()).containsExactly(PEER);
        assertThat(fresh.state.committed()).isEqualTo(200);
    }

    @Test
    void silentReplicaLeavesAfterThePeerTimeoutAndNotBefore() {
        Exchange primary = Exchange.serving(Protocol.C, 1);
        primary.append(500);
        primary.disk(500, 500);
        primary.state.reign().waiting(500, primary.now, 0, 0);
        primary.after(2 * SECOND);
        assertThat(primary.actions.take()).isEmpty();
        primary.after(1);
        assertThat(primary.actions.take()).containsExactly("in-sync 0");
        assertThat(primary.state.answeredRecorded())
                .as("not before the entry is durable")
                .isEqualTo(100);
        primary.append(600);
        primary.appendSet();
        primary.disk(600, 600);
        primary.state.reign().inSyncStored();
        primary.step();
        assertThat(primary.state.answeredRecorded()).isEqualTo(600);
        assertThat(primary.state.committed()).isEqualTo(600);
    }

    @Test
    void aReplicaThatNobodyWaitsForMayBeSilent() {
        Exchange primary = Exchange.serving(Protocol.C, 1);
        primary.after(3_600 * SECOND);
        assertThat(primary.actions.take()).isEmpty();
    }

    @Test
    void aReplicaThatMovesMayTakeFourTimesAsLong() {
        Exchange primary = Exchange.serving(Protocol.C, 1);
        primary.append(500);
        primary.disk(500, 500);
        primary.state.reign().waiting(500, primary.now, 0, 0);
        for (int i = 1; i <= 8; i++) {
            primary.now += SECOND;
            primary.positions(0, 100 + i, 100);
            primary.step();
            assertThat(primary.actions.take()).as("after %d s", i).isEmpty();
        }
        primary.positions(0, 150, 100);
        primary.after(1);
        assertThat(primary.actions.take()).containsExactly("in-sync 0");
    }

    /**
     * The duty clock stands still while the node does, so its own pause passes in one step of it.
     */
    @Test
    void ownPauseIsNotHeldAgainstThePeer() {
        Exchange primary = Exchange.serving(Protocol.C, 1);
        primary.append(500);
        primary.disk(500, 500);
        primary.state.reign().waiting(500, primary.now, 0, 0);
        primary.after(SECOND);
        primary.positions(0, 500, 500);
        primary.after(4 * SECOND);
        assertThat(primary.actions.take()).as("input is read before it is judged").isEmpty();
    }

    @Test
    void aReplicaThatSaysItLeavesIsNotWaitedFor() {
        Exchange primary = Exchange.serving(Protocol.C, 1);
        primary.state.onLeave(0);
        primary.step();
        assertThat(primary.actions.take()).containsExactly("in-sync 0");
    }

    @Test
    void aJoinerThatDiesBeforeItCountsDoesNotHoldTheOthersUp() {
        Exchange primary = new Exchange(Protocol.C, 1);
        primary.recover(true, standing(0, EpochHistory.EMPTY, List.of(), null));
        primary.hello(0, 1, Role.REPLICA, 0, 0, EpochHistory.EMPTY);
        primary.openAsPlanned(100);
        primary.hello(0, 1, Role.REPLICA, 0, 0, EpochHistory.EMPTY);
        primary.disk(100, 100);
        primary.step();
        primary.positions(0, 100, 100);
        primary.step();
        primary.append(200);
        primary.appendSet();
        primary.disk(200, 200);
        primary.state.reign().inSyncStored();
        primary.actions.take();
        primary.state.onPeerLost(0);
        primary.after(2 * SECOND + 1);
        assertThat(primary.actions.take()).containsExactly("in-sync 0");
        primary.append(300);
        primary.appendSet();
        primary.disk(300, 300);
        primary.state.reign().inSyncStored();
        primary.step();
        assertThat(primary.state.reign().durableInSync()).isEmpty();
        assertThat(primary.state.committed()).isEqualTo(300);
    }

    // ---- who may become primary

    @Test
    void crashedPrimaryWaitsForItsLastInSyncReplica() {
        Exchange node = new Exchange(Protocol.C, 2);
        node.recover(true, standing(500, ONE, List.of(PEER), null));
        node.hello(1, 1, Role.REPLICA, 500, 0, ONE);
        node.after(3_600 * SECOND);
        assertThat(node.state.phase()).isEqualTo(Phase.SETTLING);
        assertThat(node.state.detail()).isEqualTo("n2");
        assertThat(node.actions.take()).isEmpty();
        node.hello(0, 1, Role.REPLICA, 500, 0, ONE);
        assertThat(node.actions.take()).containsExactly("open 2");
        assertThat(node.actions.planned().inSync()).containsExactly(PEER);
    }

    @Test
    void aPeerThatNeedNotBeHeardIsWaitedForABoundedTime() {
        Exchange node = new Exchange(Protocol.C, 1);
        node.recover(true, standing(500, ONE, List.of(), null));
        node.after(10 * SECOND - 1);
        assertThat(node.actions.take()).isEmpty();
        node.after(1);
        assertThat(node.actions.take()).containsExactly("open 2");
    }

    @Test
    void newResourceNeverOpensEpochOneWhenAPeerKnowsIt() {
        Exchange node = new Exchange(Protocol.C, 1);
        node.recover(true, standing(0, EpochHistory.EMPTY, List.of(), null));
        node.after(5 * SECOND);
        assertThat(node.actions.take()).isEmpty();
        node.hello(0, 1, Role.REPLICA, 500, 0, ONE_OF_PEER);
        node.after(100 * SECOND);
        assertThat(node.actions.take()).isEmpty();
        assertThat(node.state.phase()).isEqualTo(Phase.WAITING);
    }

    @Test
    void longerLogOfTheSameEpochIsFetchedFirst() {
        Exchange node = new Exchange(Protocol.C, 1);
        node.recover(true, standing(500, ONE, List.of(PEER), null));
        node.hello(0, 1, Role.REPLICA, 700, 0, ONE);
        assertThat(node.actions.take()).containsExactly("follow 0 from 500");
        assertThat(node.state.fetchTarget()).isEqualTo(700);
        node.state.followEnded(700);
        node.recovered(standing(700, ONE, List.of(PEER), null));
        assertThat(node.actions.take()).containsExactly("open 2");
    }

    @Test
    void anOwnEpochOfWhichEvenTheStartWasLostIsFetchedFromTheReplicaThatHasIt() {
        EpochHistory two = ONE.with(new EpochIdentity(2, 500, 5, ME, new UUID(2, 2)));
        Exchange node = new Exchange(Protocol.C, 1);
        node.recover(true, standing(500, ONE, List.of(PEER), null));
        node.hello(0, 1, Role.REPLICA, 700, 0, two);
        assertThat(node.actions.take()).containsExactly("follow 0 from 500");
        node.state.followEnded(700);
        node.recovered(standing(700, two, List.of(PEER), null));
        assertThat(node.actions.take()).containsExactly("open 3");
    }

    @Test
    void onlyTheHeirOpensTheNextEpochAndDoesNotWaitLong() {
        Exchange other = new Exchange(Protocol.C, 1);
        other.recover(true, standing(500, ONE, List.of(), PEER));
        other.after(100 * SECOND);
        assertThat(other.actions.take()).isEmpty();
        assertThat(other.state.needsForce()).isTrue();
        Exchange heir = new Exchange(Protocol.C, 1);
        heir.recover(true, standing(500, ONE_OF_PEER, List.of(PEER), ME));
        heir.after(SECOND);
        assertThat(heir.actions.take()).containsExactly("open 2");
    }

    @Test
    void forcedPromotionOpensAnEpochAboveAllSeen() {
        Exchange node = new Exchange(Protocol.C, 2);
        node.recover(false, standing(500, ONE_OF_PEER, List.of(), null));
        node.state.onHello(1, Exchange.helloOf(1, 1, Role.REPLICA, 100, 0, ONE_OF_PEER, 8));
        node.state.promote(false);
        node.recovered(standing(500, ONE_OF_PEER, List.of(), null));
        assertThat(node.actions.take()).isEmpty();
        node.state.promote(true);
        node.recovered(standing(500, ONE_OF_PEER, List.of(), null));
        assertThat(node.actions.take()).contains("open 9");
        assertThat(node.actions.planned().forced()).isTrue();
        assertThat(node.actions.planned().inSync()).isEmpty();
    }

    @Test
    void forcedPromotionSaysWhatItMayGiveUp() {
        Exchange node = new Exchange(Protocol.C, 1);
        node.recover(false, standing(500, ONE_OF_PEER, List.of(), null));
        node.hello(0, 1, Role.PRIMARY, 500, 0, ONE_OF_PEER);
        node.follow(0, 1, 500);
        node.state.onCommit(0, 1, 500, 900, 0);
        node.state.promote(true);
        node.recovered(standing(600, ONE_OF_PEER, List.of(), null));
        assertThat(node.actions.planned().givenUpFrom()).isEqualTo(600);
        assertThat(node.actions.planned().givenUpTo()).isEqualTo(900);
    }

    // ---- joining and parting

    @Test
    void replicaWithLongerLogIsCutAtTheCommonPosition() {
        Exchange primary = Exchange.serving(Protocol.C, 1);
        primary.append(500);
        primary.hello(0, 2, Role.REPLICA, 900, 100, history(epoch(1, 0, ME), epoch(2, 300, PEER)));
        assertThat(primary.state.phase()).as("of a higher epoch").isNotEqualTo(Phase.STOPPED);
        Exchange second = Exchange.serving(Protocol.C, 1);
        second.append(500);
        second.hello(0, 2, Role.REPLICA, 900, 100, ONE);
        assertThat(second.actions.take()).containsExactly("tell 0 to follow from 500");
    }

    @Test
    void appliedBeyondCommonIsRefusedAsDiverged() {
        Exchange primary = Exchange.serving(Protocol.C, 1);
        primary.append(500);
        primary.hello(0, 2, Role.REPLICA, 900, 501, ONE);
        assertThat(primary.actions.take()).containsExactly("refuse 0 DIVERGED");
        assertThat(primary.state.peers().getFirst().state()).isEqualTo(Peer.State.DIVERGED);
    }

    @Test
    void aReplicaThatSaysHelloAgainIsToldToFollowAgain() {
        Exchange primary = Exchange.serving(Protocol.C, 1);
        primary.state.onHello(0, Exchange.again(0, 1, 2, 100, ONE));
        assertThat(primary.actions.take()).containsExactly("tell 0 to follow from 100");
        assertThat(primary.state.answeredRecorded())
                .as("its old acknowledgements are void")
                .isZero();
    }

    @Test
    void aReplicaAsksAgainWhileAPrimaryDoesNotReact() {
        Exchange replica = replica();
        replica.hello(0, 1, Role.PRIMARY, 500, 0, ONE_OF_PEER);
        int hellos = replica.actions.hellos;
        replica.after(SECOND);
        assertThat(replica.actions.hellos).isEqualTo(hellos + 1);
        replica.follow(0, 1, 500);
        replica.after(SECOND);
        assertThat(replica.actions.hellos).isEqualTo(hellos + 1);
        replica.state.onPeerLost(0);
        assertThat(replica.actions.take()).containsExactly("follow 0 from 500", "recover");
    }

    @Test
    void aPrimaryAsksAReplicaThatDoesNotFollowAgain() {
        Exchange primary = new Exchange(Protocol.C, 1);
        primary.recover(true, standing(0, EpochHistory.EMPTY, List.of(), null));
        primary.hello(0, 1, Role.REPLICA, 0, 0, EpochHistory.EMPTY);
        primary.openAsPlanned(100);
        int hellos = primary.actions.hellos;
        primary.after(SECOND);
        assertThat(primary.actions.hellos).isEqualTo(hellos + 1);
        primary.state.onHello(0, Exchange.again(0, 1, 2, 0, EpochHistory.EMPTY));
        primary.after(SECOND);
        assertThat(primary.actions.hellos).isEqualTo(hellos + 1);
    }

    private static Exchange replica() {
        Exchange replica = new Exchange(Protocol.C, 2);
        replica.recover(false, new Standing(500, 200, 200, 1, ONE_OF_PEER, List.of(), null));
        return replica;
    }

    @Test
    void aReplicaNeverCutsWhatItsPartitionMayHold() {
        Exchange replica = replica();
        replica.hello(0, 1, Role.PRIMARY, 500, 0, ONE_OF_PEER);
        replica.follow(0, 1, 199);
        assertThat(replica.actions.take()).isEmpty();
        replica.follow(0, 1, 200);
        assertThat(replica.actions.take()).containsExactly("follow 0 from 200");
    }

    @Test
    void whatWasDurableBeforeACutDoesNotCountAfterIt() {
        Exchange replica = replica();
        replica.hello(0, 1, Role.PRIMARY, 500, 0, ONE_OF_PEER);
        replica.follow(0, 1, 300);
        replica.disk(320, 310);
        replica.state.onCommit(0, 1, 900, 900, 0);
        replica.step();
        assertThat(replica.state.committed()).isEqualTo(310);
    }

    @Test
    void staleFollowAndStaleCommitsAreIgnored() {
        Exchange replica = new Exchange(Protocol.C, 2);
        EpochHistory two = history(epoch(1, 0, PEER), epoch(2, 300, OTHER));
        replica.recover(false, standing(500, two, List.of(), null));
        replica.follow(0, 1, 300);
        assertThat(replica.actions.take()).isEmpty();
        replica.follow(1, 2, 500);
        assertThat(replica.actions.take()).containsExactly("follow 1 from 500");
        assertThat(replica.state.onCommit(0, 2, 500, 500, 0)).as("of another node").isFalse();
        assertThat(replica.state.onCommit(1, 1, 500, 500, 0)).as("of another epoch").isFalse();
        replica.step();
        assertThat(replica.state.committed()).isZero();
        assertThat(replica.state.onCommit(1, 2, 400, 500, 0)).isTrue();
        replica.step();
        assertThat(replica.state.committed()).isEqualTo(400);
    }

    @Test
    void deposedPrimaryStepsDownIfNothingWasAnsweredBeyondCommon() {
        EpochHistory later = history(epoch(1, 0, ME), epoch(2, 300, PEER));
        Exchange quiet = Exchange.serving(Protocol.C, 1);
        quiet.append(500);
        quiet.state.reign().answered(300);
        quiet.hello(0, 1, Role.PRIMARY, 900, 0, later);
        assertThat(quiet.actions.take()).containsExactly("step down", "recover");
        Exchange proud = Exchange.serving(Protocol.C, 1);
        proud.append(500);
        proud.state.reign().answered(301);
        proud.hello(0, 1, Role.PRIMARY, 900, 0, later);
        assertThat(proud.actions.take()).isEmpty();
        assertThat(proud.state.peers().getFirst().state()).isEqualTo(Peer.State.DIVERGED);
    }

    // ---- stopping

    @Test
    void cleanStopNamesTheHeirAndIsDoneWhenItIsDurableEverywhere() {
        Exchange primary = Exchange.serving(Protocol.C, 1);
        primary.state.close();
        assertThat(primary.actions.take()).containsExactly("end for 1");
        primary.append(200);
        primary.state.epochEnded(200);
        primary.disk(200, 200);
        primary.step();
        assertThat(primary.state.reign().hasEnded()).isFalse();
        primary.positions(0, 200, 200);
        primary.step();
        assertThat(primary.state.reign().hasEnded()).isTrue();
    }

    @Test
    void cleanStopDoesNotWaitForADeadReplicaForEver() {
        Exchange primary = Exchange.serving(Protocol.C, 1);
        primary.state.close();
        primary.append(200);
        primary.state.epochEnded(200);
        primary.disk(200, 200);
        primary.actions.take();
        primary.after(2 * SECOND + 1);
        assertThat(primary.actions.take()).containsExactly("in-sync 0");
    }

    @Test
    void aPrimaryServesOnlyOnceItsEpochIsDurableOnItsSetAndTheRestIsApplied() {
        Exchange node = new Exchange(Protocol.C, 1);
        node.recover(true, standing(500, ONE, List.of(PEER), null));
        node.hello(0, 1, Role.REPLICA, 500, 0, ONE);
        node.openAsPlanned(600);
        node.hello(0, 1, Role.REPLICA, 500, 0, ONE);
        assertThat(node.actions.take()).containsExactly("open 2", "tell 0 to follow from 500");
        node.disk(600, 600);
        node.applied(500);
        node.step();
        assertThat(node.state.phase()).isEqualTo(Phase.OPENING);
        node.positions(0, 600, 600);
        node.applied(499);
        node.step();
        assertThat(node.state.phase()).isEqualTo(Phase.OPENING);
        node.applied(500);
        node.step();
        assertThat(node.actions.take()).containsExactly("serve");
    }
}
