package io.tidemark.journal.apply;

import static java.util.Objects.requireNonNull;

import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a node must remember of a resource apart from its log (invariant I14). Immutable; a change
 * is a new one, and counts when {@link SuperblockStore} has it on stable storage.
 *
 * <p>Whatever is stored or loaded holds checkpoint &lt;= applyLimit &lt;= committed &lt;= durable
 * (invariant I3).
 *
 * @param node this node
 * @param resource null if not known yet
 * @param resourceName for messages
 * @param base id of the base image, {@link #NIL} for zeroes
 * @param recordingId of the journal in this node's archive, -1 for none
 * @param checkpoint applied position whose effect is on stable storage in all partitions
 * @param checkpointChain chain hash of all entries before the checkpoint
 * @param applyLimit end of what the partitions may hold already
 * @param durable last known
 * @param committed last known
 * @param epochs the history, oldest first, by number and by position
 * @param highestEpoch highest number ever seen; survives truncation
 * @param inSync the in-sync set without this node
 * @param inSyncPosition position of the entry that says so
 * @param heir who an EpochEnd just below the checkpoint names, {@link #NIL} if none is there
 * @param role what the node was last
 * @param peers last known positions of the others
 * @param volumes by number
 * @param ahead epochs beyond {@code epochs} of the log that this node appends or was told to
 *     record, stored before any of it is; see {@link #history}
 * @param discardTo the log beyond this position is to be cut off and the partitions, which hold
 *     nothing that counts, are to be made anew from the rest; {@link #NOTHING} if not
 */
public record Superblock(
        UUID node,
        @Nullable UUID resource,
        String resourceName,
        UUID base,
        long recordingId,
        long checkpoint,
        long checkpointChain,
        long applyLimit,
        long durable,
        long committed,
        List<EpochIdentity> epochs,
        long highestEpoch,
        List<UUID> inSync,
        long inSyncPosition,
        UUID heir,
        Role role,
        List<Peer> peers,
        List<Volume> volumes,
        List<EpochIdentity> ahead,
        long discardTo) {

    /** Id of the base image that is all zeroes. */
    public static final UUID NIL = new UUID(0, 0);

    /** Nothing is to be discarded. */
    public static final long NOTHING = -1;

    /** Remembered role. */
    public enum Role {
        REPLICA,
        PRIMARY
    }

    /**
     * Where a peer was when last heard of.
     *
     * @param node the peer
     * @param name for messages
     * @param durable position
     * @param checkpoint position
     */
    public record Peer(UUID node, String name, long durable, long checkpoint) {
        public Peer {
            requireNonNull(node, "node");
            requireNonNull(name, "name");
        }
    }

    /**
     * A volume and what it lies on.
     *
     * @param number from 0
     * @param sizeBytes of the volume
     * @param partition identity of the lower device or file
     */
    public record Volume(int number, long sizeBytes, String partition) {
        public Volume {
            requireNonNull(partition, "partition");
            check(number >= 0 && number < 0xffff, "volume number " + number);
            check(sizeBytes > 0, "volume " + number + " of " + sizeBytes + " bytes");
        }
    }

    public Superblock {
        requireNonNull(node, "node");
        requireNonNull(resourceName, "resourceName");
        requireNonNull(base, "base");
        requireNonNull(heir, "heir");
        requireNonNull(role, "role");
        epochs = List.copyOf(epochs);
        inSync = List.copyOf(inSync);
        peers = List.copyOf(peers);
        volumes = List.copyOf(volumes);
        ahead = List.copyOf(ahead);
        checkOrder(epochs);
        checkOrder(ahead);
        check(
                epochs.isEmpty() || epochs.getLast().number() <= highestEpoch,
                "highest epoch " + highestEpoch + " is below the last one of the history");
    }

    /**
     * What must hold of every superblock that is stored or loaded, however its changes were made.
     */
    Superblock checked() {
        check(
                0 <= checkpoint
                        && checkpoint <= applyLimit
                        && applyLimit <= committed
                        && committed <= durable,
                "not in order: checkpoint %d, applyLimit %d, committed %d, durable %d"
                        .formatted(checkpoint, applyLimit, committed, durable));
        return this;
    }

    private static void checkOrder(List<EpochIdentity> epochs) {
        for (int i = 1; i < epochs.size(); i++) {
            EpochIdentity before = epochs.get(i - 1);
            EpochIdentity after = epochs.get(i);
            check(
                    before.number() < after.number()
                            && before.startPosition() < after.startPosition(),
                    "epochs not in order: " + before + " before " + after);
        }
    }

    /** A node's first one of a resource: an empty log, no epoch, no peers. */
    public static Superblock first(
            UUID node,
            @Nullable UUID resource,
            String resourceName,
            UUID base,
            List<Volume> volumes) {
        return new Superblock(
                node,
                resource,
                resourceName,
                base,
                -1,
                0,
                0,
                0,
                0,
                0,
                List.of(),
                0,
                List.of(),
                -1,
                NIL,
                Role.REPLICA,
                List.of(),
                volumes,
                List.of(),
                NOTHING);
    }

    /** The partitions reflect the log up to here, on stable storage. */
    public Superblock withCheckpoint(long position, long chain, UUID heirThere) {
        SuperblockEdit edit = new SuperblockEdit(this);
        edit.checkpoint = position;
        edit.checkpointChain = chain;
        edit.heir = heirThere;
        return edit.done();
    }

    /** The partitions may hold the log up to here; committed and durable are at least that far. */
    public Superblock withApplyLimit(long position) {
        SuperblockEdit edit = new SuperblockEdit(this);
        edit.applyLimit = position;
        return edit.done();
    }

    public Superblock withDurable(long durablePosition, long committedPosition) {
        SuperblockEdit edit = new SuperblockEdit(this);
        edit.durable = durablePosition;
        edit.committed = committedPosition;
        return edit.done();
    }

    /**
     * This node gives up its log beyond a position, and what its partitions hold. Whoever finds
     * this stored carries it out, from the beginning.
     *
     * @param history of the whole log
     */
    public Superblock withDiscard(long to, EpochHistory history) {
        SuperblockEdit edit = new SuperblockEdit(this);
        edit.discardTo = to;
        edit.checkpoint = 0;
        edit.checkpointChain = 0;
        edit.heir = NIL;
        edit.applyLimit = 0;
        edit.durable = Math.min(durable, to);
        edit.committed = Math.min(committed, to);
        edit.epochs = List.of();
        edit.ahead = history.upTo(to).epochs();
        edit.inSync = List.of();
        edit.inSyncPosition = -1;
        edit.role = Role.REPLICA;
        return edit.done();
    }

    /** That is done. */
    public Superblock withoutDiscard() {
        SuperblockEdit edit = new SuperblockEdit(this);
        edit.discardTo = NOTHING;
        return edit.done();
    }

    /** Another history; the highest number ever seen never sinks. */
    public Superblock withEpochs(List<EpochIdentity> history, long highestSeen) {
        SuperblockEdit edit = new SuperblockEdit(this);
        edit.epochs = history;
        edit.highestEpoch = Math.max(highestEpoch, highestSeen);
        edit.ahead = beyond(history, ahead);
        return edit.done();
    }

    /**
     * The epochs of this node's log to its end, whether or not it can be read to there; null if
     * they are not all known. They may go beyond the end: an epoch is remembered before its first
     * entry is recorded.
     */
    public @Nullable EpochHistory history() {
        EpochHistory history = new EpochHistory(epochs).and(ahead);
        return ahead.isEmpty() && history.lastNumber() < highestEpoch ? null : history;
    }

    /** The same history, told as a whole. */
    public Superblock withHistory(EpochHistory history) {
        SuperblockEdit edit = new SuperblockEdit(this);
        edit.ahead = beyond(epochs, history.epochs());
        return edit.done();
    }

    private static List<EpochIdentity> beyond(
            List<EpochIdentity> known, List<EpochIdentity> history) {
        long last = known.isEmpty() ? 0 : known.getLast().number();
        return history.stream().filter(e -> e.number() > last).toList();
    }

    public Superblock withEpochs(EpochHistory history, long highestSeen) {
        return withEpochs(history.epochs(), highestSeen);
    }

    public Superblock withInSync(List<UUID> nodes, long position) {
        SuperblockEdit edit = new SuperblockEdit(this);
        edit.inSync = nodes;
        edit.inSyncPosition = position;
        return edit.done();
    }

    public Superblock withRole(Role newRole) {
        SuperblockEdit edit = new SuperblockEdit(this);
        edit.role = newRole;
        return edit.done();
    }

    public Superblock withRecordingId(long id) {
        SuperblockEdit edit = new SuperblockEdit(this);
        edit.recordingId = id;
        return edit.done();
    }

    public Superblock withPeers(List<Peer> newPeers) {
        SuperblockEdit edit = new SuperblockEdit(this);
        edit.peers = newPeers;
        return edit.done();
    }

    /** The same volumes on partitions that are known by other identities now. */
    public Superblock withVolumes(List<Volume> newVolumes) {
        SuperblockEdit edit = new SuperblockEdit(this);
        edit.volumes = newVolumes;
        return edit.done();
    }

    /** The resource that a replica learns of from its primary. */
    public Superblock withResource(UUID id) {
        SuperblockEdit edit = new SuperblockEdit(this);
        edit.resource = id;
        return edit.done();
    }

    /** The image that the log starts from. */
    public Superblock withBase(UUID id) {
        SuperblockEdit edit = new SuperblockEdit(this);
        edit.base = id;
        return edit.done();
    }

    /** A higher epoch number was seen; the highest one never sinks. */
    public Superblock withHighestEpoch(long number) {
        return withEpochs(epochs, number);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException("superblock: " + otherwise);
        }
    }
}
