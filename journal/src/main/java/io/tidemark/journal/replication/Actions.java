package io.tidemark.journal.replication;

import io.tidemark.journal.epoch.EpochIdentity;
import java.util.List;
import java.util.UUID;

/**
 * What {@link ReplicationState} wants done. Each call starts something; its outcome comes back as
 * an input. Implemented by the node's resource agent and by the tests' fakes. Data thread only.
 */
public interface Actions {
    /**
     * End appending and following, end the log at its last whole request, sync it; then {@code
     * recovered}.
     */
    void recover();

    /**
     * Record a peer's log from the common position on, cutting this node's log there first if it is
     * longer.
     */
    void follow(int peer, long recordingId, long common);

    /** Append the start of an epoch; then {@code epochStarted}. */
    void openEpoch(EpochPlan plan);

    /**
     * Append a new in-sync set and store it in the superblock; then {@code inSyncAppended} and
     * {@code superblockStored}.
     */
    void appendInSyncSet(List<UUID> members);

    /** Append the end of the epoch, naming its heir; then {@code epochEnded}. */
    void endEpoch(UUID heir);

    /** Clients may be served from now on. */
    void serve();

    /** Clients are to be dropped at once, without replies; nothing is appended any more. */
    void stepDown();

    /** From now on this node is remembered as a replica. */
    void demoted();

    void sendFollow(int peer, long attempt, long common);

    void sendRefusal(int peer, Refusal refusal);

    /** This node's Hello goes to one peer. */
    void sendHello(int peer);

    /** This node's Hello has changed and goes to every peer again. */
    void helloChanged();

    /**
     * @param number above any seen
     * @param forced opened by an operator although something may be lost
     * @param givenUpFrom this log's end
     * @param givenUpTo the last position heard of a lost primary, at least {@code givenUpFrom}
     * @param inSync the new epoch's in-sync set
     */
    record EpochPlan(
            long number, boolean forced, long givenUpFrom, long givenUpTo, List<UUID> inSync) {}

    /** What a started epoch is. */
    record Started(EpochIdentity epoch, long endPosition) {}
}
