package io.tidemark.journal.apply;

import io.tidemark.codec.superblock.EpochIdentityDecoder;
import io.tidemark.codec.superblock.EpochIdentityEncoder;
import io.tidemark.codec.superblock.MessageHeaderDecoder;
import io.tidemark.codec.superblock.MessageHeaderEncoder;
import io.tidemark.codec.superblock.RememberedRole;
import io.tidemark.codec.superblock.SuperblockDecoder;
import io.tidemark.codec.superblock.SuperblockEncoder;
import io.tidemark.journal.epoch.EpochIdentity;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A superblock's bytes, message header first. Decoding trusts nothing: whatever is not exactly a
 * superblock of the given length is an exception, and memory is bounded by that length. Stateless.
 */
final class SuperblockCodec {
    /** Stands for a resource id that is not known yet. */
    private static final UUID UNKNOWN = new UUID(0, 0);

    /** Length of the fixed block of version 0, which has no inode. */
    private static final int FIRST_BLOCK_LENGTH = SuperblockEncoder.fileInodeEncodingOffset();

    /** The same of versions 1 and 2, which discard nothing. */
    private static final int SECOND_BLOCK_LENGTH = SuperblockEncoder.discardToEncodingOffset();

    /** Stored by a version that did not say in which file. */
    static final long NO_INODE = SuperblockDecoder.fileInodeNullValue();

    private SuperblockCodec() {}

    /** The encoded length in bytes, so that encoding cannot run over a slot. */
    static int length(Superblock block) {
        int bytes =
                MessageHeaderEncoder.ENCODED_LENGTH
                        + SuperblockEncoder.BLOCK_LENGTH
                        + SuperblockEncoder.EpochsEncoder.sbeHeaderSize()
                        + block.epochs().size() * SuperblockEncoder.EpochsEncoder.sbeBlockLength()
                        + SuperblockEncoder.InSyncEncoder.sbeHeaderSize()
                        + block.inSync().size() * SuperblockEncoder.InSyncEncoder.sbeBlockLength()
                        + SuperblockEncoder.PeersEncoder.sbeHeaderSize()
                        + SuperblockEncoder.VolumesEncoder.sbeHeaderSize()
                        + SuperblockEncoder.AheadEncoder.sbeHeaderSize()
                        + block.ahead().size() * SuperblockEncoder.AheadEncoder.sbeBlockLength()
                        + textLength(block.resourceName());
        for (Superblock.Peer peer : block.peers()) {
            bytes += SuperblockEncoder.PeersEncoder.sbeBlockLength() + textLength(peer.name());
        }
        for (Superblock.Volume volume : block.volumes()) {
            bytes +=
                    SuperblockEncoder.VolumesEncoder.sbeBlockLength()
                            + textLength(volume.partition());
        }
        return bytes;
    }

    private static int textLength(String text) {
        return SuperblockEncoder.resourceNameHeaderLength()
                + text.getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * Encodes a superblock for a file.
     *
     * @return the encoded length
     */
    static int encode(Superblock block, long fileInode, UnsafeBuffer buffer, int index) {
        UUID resource = block.resource() == null ? UNKNOWN : block.resource();
        SuperblockEncoder encoder = new SuperblockEncoder();
        encoder.wrapAndApplyHeader(buffer, index, new MessageHeaderEncoder());
        encoder.nodeHigh(block.node().getMostSignificantBits())
                .nodeLow(block.node().getLeastSignificantBits())
                .resourceHigh(resource.getMostSignificantBits())
                .resourceLow(resource.getLeastSignificantBits())
                .baseHigh(block.base().getMostSignificantBits())
                .baseLow(block.base().getLeastSignificantBits())
                .recordingId(block.recordingId())
                .checkpoint(block.checkpoint())
                .checkpointChain(block.checkpointChain())
                .applyLimit(block.applyLimit())
                .durable(block.durable())
                .committed(block.committed())
                .highestEpoch(block.highestEpoch())
                .inSyncPosition(block.inSyncPosition())
                .heirHigh(block.heir().getMostSignificantBits())
                .heirLow(block.heir().getLeastSignificantBits())
                .role(encode(block.role()))
                .fileInode(fileInode)
                .discardTo(block.discardTo());
        SuperblockEncoder.EpochsEncoder epochs = encoder.epochsCount(block.epochs().size());
        for (EpochIdentity epoch : block.epochs()) {
            encode(epoch, epochs.next().epoch());
        }
        SuperblockEncoder.InSyncEncoder inSync = encoder.inSyncCount(block.inSync().size());
        for (UUID node : block.inSync()) {
            inSync.next()
                    .nodeHigh(node.getMostSignificantBits())
                    .nodeLow(node.getLeastSignificantBits());
        }
        SuperblockEncoder.PeersEncoder peers = encoder.peersCount(block.peers().size());
        for (Superblock.Peer peer : block.peers()) {
            peers.next()
                    .nodeHigh(peer.node().getMostSignificantBits())
                    .nodeLow(peer.node().getLeastSignificantBits())
                    .durable(peer.durable())
                    .checkpoint(peer.checkpoint())
                    .name(peer.name());
        }
        SuperblockEncoder.VolumesEncoder volumes = encoder.volumesCount(block.volumes().size());
        for (Superblock.Volume volume : block.volumes()) {
            volumes.next()
                    .volume(volume.number())
                    .sizeBytes(volume.sizeBytes())
                    .partition(volume.partition());
        }
        SuperblockEncoder.AheadEncoder ahead = encoder.aheadCount(block.ahead().size());
        for (EpochIdentity epoch : block.ahead()) {
            encode(epoch, ahead.next().epoch());
        }
        encoder.resourceName(block.resourceName());
        return encoder.limit() - index;
    }

    private static void encode(EpochIdentity epoch, EpochIdentityEncoder encoder) {
        encoder.number(epoch.number())
                .startPosition(epoch.startPosition())
                .chainHash(epoch.chainHash())
                .nodeHigh(epoch.node().getMostSignificantBits())
                .nodeLow(epoch.node().getLeastSignificantBits())
                .idHigh(epoch.id().getMostSignificantBits())
                .idLow(epoch.id().getLeastSignificantBits());
    }

    private static RememberedRole encode(Superblock.Role role) {
        return switch (role) {
            case REPLICA -> RememberedRole.REPLICA;
            case PRIMARY -> RememberedRole.PRIMARY;
        };
    }

    /** Inode of the file that the bytes were stored in, {@link #NO_INODE} if they do not say. */
    static long fileInode(UnsafeBuffer encoded) {
        MessageHeaderDecoder header = new MessageHeaderDecoder();
        return new SuperblockDecoder().wrapAndApplyHeader(encoded, 0, header).fileInode();
    }

    /** The schema version of encoded bytes that hold at least a message header. */
    static int version(UnsafeBuffer encoded) {
        return new MessageHeaderDecoder().wrap(encoded, 0).version();
    }

    /**
     * Decodes bytes that are exactly one superblock.
     *
     * @throws IllegalArgumentException they are not
     */
    static Superblock decode(UnsafeBuffer encoded) {
        try {
            return decodeExactly(encoded).checked();
        } catch (IndexOutOfBoundsException | IllegalStateException e) {
            throw new IllegalArgumentException("not a superblock: " + e.getMessage(), e);
        }
    }

    private static Superblock decodeExactly(UnsafeBuffer encoded) {
        MessageHeaderDecoder header = new MessageHeaderDecoder().wrap(encoded, 0);
        if (header.schemaId() != SuperblockDecoder.SCHEMA_ID
                || header.templateId() != SuperblockDecoder.TEMPLATE_ID
                || header.blockLength()
                        < switch (header.version()) {
                            case 0 -> FIRST_BLOCK_LENGTH;
                            case 1, 2 -> SECOND_BLOCK_LENGTH;
                            default -> SuperblockDecoder.BLOCK_LENGTH;
                        }) {
            throw new IllegalArgumentException("another message: " + header);
        }
        SuperblockDecoder decoder = new SuperblockDecoder();
        decoder.wrapAndApplyHeader(encoded, 0, header);
        // In the order of the bytes.
        List<EpochIdentity> epochs = epochs(decoder.epochs());
        List<UUID> inSync = inSync(decoder.inSync());
        List<Superblock.Peer> peers = peers(decoder.peers());
        List<Superblock.Volume> volumes = volumes(decoder.volumes());
        List<EpochIdentity> ahead = ahead(decoder.ahead());
        String resourceName = decoder.resourceName();
        if (decoder.limit() != encoded.capacity()) {
            throw new IllegalArgumentException(
                    "%d bytes instead of %d".formatted(encoded.capacity(), decoder.limit()));
        }
        UUID resource = new UUID(decoder.resourceHigh(), decoder.resourceLow());
        return new Superblock(
                new UUID(decoder.nodeHigh(), decoder.nodeLow()),
                UNKNOWN.equals(resource) ? null : resource,
                resourceName,
                new UUID(decoder.baseHigh(), decoder.baseLow()),
                decoder.recordingId(),
                decoder.checkpoint(),
                decoder.checkpointChain(),
                decoder.applyLimit(),
                decoder.durable(),
                decoder.committed(),
                epochs,
                decoder.highestEpoch(),
                inSync,
                decoder.inSyncPosition(),
                new UUID(decoder.heirHigh(), decoder.heirLow()),
                role(decoder.role()),
                peers,
                volumes,
                ahead,
                decoder.discardTo() == SuperblockDecoder.discardToNullValue()
                        ? Superblock.NOTHING
                        : decoder.discardTo());
    }

    private static List<EpochIdentity> epochs(SuperblockDecoder.EpochsDecoder group) {
        List<EpochIdentity> epochs = new ArrayList<>();
        while (group.hasNext()) {
            epochs.add(epoch(group.next().epoch()));
        }
        return epochs;
    }

    private static List<EpochIdentity> ahead(SuperblockDecoder.AheadDecoder group) {
        List<EpochIdentity> epochs = new ArrayList<>();
        while (group.hasNext()) {
            epochs.add(epoch(group.next().epoch()));
        }
        return epochs;
    }

    private static EpochIdentity epoch(EpochIdentityDecoder epoch) {
        return new EpochIdentity(
                epoch.number(),
                epoch.startPosition(),
                epoch.chainHash(),
                new UUID(epoch.nodeHigh(), epoch.nodeLow()),
                new UUID(epoch.idHigh(), epoch.idLow()));
    }

    private static List<UUID> inSync(SuperblockDecoder.InSyncDecoder group) {
        List<UUID> nodes = new ArrayList<>();
        while (group.hasNext()) {
            group.next();
            nodes.add(new UUID(group.nodeHigh(), group.nodeLow()));
        }
        return nodes;
    }

    private static List<Superblock.Peer> peers(SuperblockDecoder.PeersDecoder group) {
        List<Superblock.Peer> peers = new ArrayList<>();
        while (group.hasNext()) {
            group.next();
            UUID node = new UUID(group.nodeHigh(), group.nodeLow());
            long durable = group.durable();
            peers.add(new Superblock.Peer(node, group.name(), durable, group.checkpoint()));
        }
        return peers;
    }

    private static List<Superblock.Volume> volumes(SuperblockDecoder.VolumesDecoder group) {
        List<Superblock.Volume> volumes = new ArrayList<>();
        while (group.hasNext()) {
            group.next();
            volumes.add(
                    new Superblock.Volume(group.volume(), group.sizeBytes(), group.partition()));
        }
        return volumes;
    }

    private static Superblock.Role role(RememberedRole role) {
        return switch (role) {
            case REPLICA -> Superblock.Role.REPLICA;
            case PRIMARY -> Superblock.Role.PRIMARY;
            case SBE_UNKNOWN, NULL_VAL ->
                    throw new IllegalArgumentException("unknown role " + role);
        };
    }
}
