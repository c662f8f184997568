package io.tidemark.journal.replication;

import io.tidemark.codec.peer.FollowDecoder;
import io.tidemark.codec.peer.FollowEncoder;
import io.tidemark.codec.peer.HelloDecoder;
import io.tidemark.codec.peer.HelloEncoder;
import io.tidemark.codec.peer.MessageHeaderEncoder;
import io.tidemark.codec.peer.RefusalCode;
import io.tidemark.codec.peer.RefusalEncoder;
import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.agrona.ExpandableDirectByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Encodes and decodes the control messages that are not on the data path. Limits hold for
 * everything read from a peer (I12).
 */
final class PeerCodec {
    /** Epochs that a Hello carries at most. */
    static final int MAX_EPOCHS = 1_000;

    private static final int MAX_VOLUMES = 1_024;
    private static final int MAX_TEXT = 1_024;

    private PeerCodec() {}

    static int encodeHello(ExpandableDirectByteBuffer buffer, int resourceKey, Hello hello) {
        UUID resource = orZero(hello.resource());
        UUID base = orZero(hello.base());
        UUID heir = orZero(hello.heir());
        HelloEncoder encoder =
                new HelloEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        encoder.protocolVersion(Hello.PROTOCOL_VERSION)
                .resourceKey(resourceKey)
                .link(hello.link())
                .echo(hello.echo())
                .nodeHigh(hello.node().getMostSignificantBits())
                .nodeLow(hello.node().getLeastSignificantBits())
                .resourceHigh(resource.getMostSignificantBits())
                .resourceLow(resource.getLeastSignificantBits())
                .baseHigh(base.getMostSignificantBits())
                .baseLow(base.getLeastSignificantBits())
                .configDigest(hello.configDigest())
                .recordingId(hello.recordingId())
                .logStart(hello.logStart())
                .logEnd(hello.logEnd())
                .durable(hello.durable())
                .committed(hello.committed())
                .applyLimit(hello.applyLimit())
                .highestEpoch(hello.highestEpoch())
                .endedHigh(heir.getMostSignificantBits())
                .endedLow(heir.getLeastSignificantBits())
                .role(io.tidemark.codec.peer.Role.valueOf(hello.role().name()))
                .attempt(hello.attempt());
        List<EpochIdentity> epochs = hello.epochs().epochs();
        HelloEncoder.EpochsEncoder group = encoder.epochsCount(epochs.size());
        for (EpochIdentity epoch : epochs) {
            EpochCodec.encode(epoch, group.next().epoch());
        }
        HelloEncoder.VolumesEncoder volumes = encoder.volumesCount(hello.volumes().size());
        for (Hello.Volume volume : hello.volumes()) {
            volumes.next().volume(volume.number()).sizeBytes(volume.sizeBytes());
        }
        encoder.nodeName(hello.nodeName()).resourceName(hello.resourceName());
        return MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
    }

    /**
     * @throws IllegalArgumentException if the message breaks a limit or an order; it is dropped
     *     whole
     */
    static Hello decodeHello(HelloDecoder decoder) {
        HelloDecoder.EpochsDecoder group = decoder.epochs();
        limit(group.count(), MAX_EPOCHS, "epochs");
        List<EpochIdentity> epochs = new ArrayList<>(group.count());
        while (group.hasNext()) {
            epochs.add(EpochCodec.decode(group.next().epoch()));
        }
        HelloDecoder.VolumesDecoder volumeGroup = decoder.volumes();
        limit(volumeGroup.count(), MAX_VOLUMES, "volumes");
        List<Hello.Volume> volumes = new ArrayList<>(volumeGroup.count());
        while (volumeGroup.hasNext()) {
            volumeGroup.next();
            volumes.add(new Hello.Volume(volumeGroup.volume(), volumeGroup.sizeBytes()));
        }
        limit(decoder.nodeNameLength(), MAX_TEXT, "name");
        String nodeName = decoder.nodeName();
        limit(decoder.resourceNameLength(), MAX_TEXT, "name");
        String resourceName = decoder.resourceName();
        return new Hello(
                decoder.link(),
                decoder.echo(),
                new UUID(decoder.nodeHigh(), decoder.nodeLow()),
                nodeName,
                orNull(decoder.resourceHigh(), decoder.resourceLow()),
                resourceName,
                orNull(decoder.baseHigh(), decoder.baseLow()),
                decoder.configDigest(),
                decoder.recordingId(),
                decoder.logStart(),
                decoder.logEnd(),
                decoder.durable(),
                decoder.committed(),
                decoder.applyLimit(),
                decoder.highestEpoch(),
                orNull(decoder.endedHigh(), decoder.endedLow()),
                Role.valueOf(decoder.role().name()),
                decoder.attempt(),
                new EpochHistory(epochs),
                volumes);
    }

    static int encodeFollow(
            ExpandableDirectByteBuffer buffer,
            int resourceKey,
            long attempt,
            long epoch,
            long recordingId,
            long common,
            EpochHistory history) {
        FollowEncoder encoder =
                new FollowEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        encoder.resourceKey(resourceKey)
                .attempt(attempt)
                .epochNumber(epoch)
                .recordingId(recordingId)
                .common(common);
        List<EpochIdentity> beyond = history.from(common);
        FollowEncoder.EpochsEncoder group = encoder.epochsCount(beyond.size());
        for (EpochIdentity each : beyond) {
            EpochCodec.encode(each, group.next().epoch());
        }
        return MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
    }

    /**
     * Epochs of the log to follow that start at or beyond the common position, null if the message
     * is of a version that did not tell.
     *
     * @throws IllegalArgumentException if they break a limit or an order; the message is dropped
     */
    static @Nullable EpochHistory decodeFollowEpochs(FollowDecoder decoder, int version) {
        if (version < FollowDecoder.epochsDecoderSinceVersion()) {
            return null;
        }
        FollowDecoder.EpochsDecoder group = decoder.epochs();
        limit(group.count(), MAX_EPOCHS, "epochs");
        List<EpochIdentity> epochs = new ArrayList<>(group.count());
        while (group.hasNext()) {
            epochs.add(EpochCodec.decode(group.next().epoch()));
        }
        return new EpochHistory(epochs);
    }

    static int encodeRefusal(
            ExpandableDirectByteBuffer buffer, int resourceKey, long link, Refusal refusal) {
        RefusalEncoder encoder =
                new RefusalEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        encoder.resourceKey(resourceKey)
                .link(link)
                .code(RefusalCode.valueOf(refusal.code().name()))
                .text(refusal.text());
        return MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
    }

    private static void limit(int value, int max, String what) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(value + " " + what + ", at most " + max);
        }
    }

    private static UUID orZero(@Nullable UUID uuid) {
        return uuid == null ? new UUID(0, 0) : uuid;
    }

    private static @Nullable UUID orNull(long high, long low) {
        return high == 0 && low == 0 ? null : new UUID(high, low);
    }
}
