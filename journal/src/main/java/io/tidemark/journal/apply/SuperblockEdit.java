package io.tidemark.journal.apply;

import io.tidemark.journal.epoch.EpochIdentity;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A {@link Superblock} taken apart: a with-method names only what it changes. */
final class SuperblockEdit {
    private final Superblock from;
    @Nullable UUID resource;
    UUID base;
    long recordingId;
    long checkpoint;
    long checkpointChain;
    long applyLimit;
    long durable;
    long committed;
    List<EpochIdentity> epochs;
    long highestEpoch;
    List<UUID> inSync;
    long inSyncPosition;
    UUID heir;
    Superblock.Role role;
    List<Superblock.Peer> peers;
    List<Superblock.Volume> volumes;
    List<EpochIdentity> ahead;
    long discardTo;

    SuperblockEdit(Superblock from) {
        this.from = from;
        resource = from.resource();
        base = from.base();
        recordingId = from.recordingId();
        checkpoint = from.checkpoint();
        checkpointChain = from.checkpointChain();
        applyLimit = from.applyLimit();
        durable = from.durable();
        committed = from.committed();
        epochs = from.epochs();
        highestEpoch = from.highestEpoch();
        inSync = from.inSync();
        inSyncPosition = from.inSyncPosition();
        heir = from.heir();
        role = from.role();
        peers = from.peers();
        volumes = from.volumes();
        ahead = from.ahead();
        discardTo = from.discardTo();
    }

    Superblock done() {
        return new Superblock(
                from.node(),
                resource,
                from.resourceName(),
                base,
                recordingId,
                checkpoint,
                checkpointChain,
                applyLimit,
                durable,
                committed,
                epochs,
                highestEpoch,
                inSync,
                inSyncPosition,
                heir,
                role,
                peers,
                volumes,
                ahead,
                discardTo);
    }
}
