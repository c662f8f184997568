package io.tidemark.journal.replication;

import io.tidemark.codec.peer.EpochIdentityDecoder;
import io.tidemark.codec.peer.EpochIdentityEncoder;
import io.tidemark.journal.epoch.EpochIdentity;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An epoch's identity in a control message; all zeroes stand for none. Stateless. */
final class EpochCodec {
    private static final UUID NONE = new UUID(0, 0);

    private EpochCodec() {}

    static void encode(@Nullable EpochIdentity epoch, EpochIdentityEncoder encoder) {
        UUID node = epoch == null ? NONE : epoch.node();
        UUID id = epoch == null ? NONE : epoch.id();
        encoder.number(epoch == null ? 0 : epoch.number())
                .startPosition(epoch == null ? 0 : epoch.startPosition())
                .chainHash(epoch == null ? 0 : epoch.chainHash())
                .nodeHigh(node.getMostSignificantBits())
                .nodeLow(node.getLeastSignificantBits())
                .idHigh(id.getMostSignificantBits())
                .idLow(id.getLeastSignificantBits());
    }

    /**
     * @throws IllegalArgumentException if it breaks a limit
     */
    static EpochIdentity decode(EpochIdentityDecoder decoder) {
        return new EpochIdentity(
                decoder.number(),
                decoder.startPosition(),
                decoder.chainHash(),
                new UUID(decoder.nodeHigh(), decoder.nodeLow()),
                new UUID(decoder.idHigh(), decoder.idLow()));
    }

    /**
     * @param decoder null in a message of a version that did not have it
     */
    static @Nullable EpochIdentity decodeOrNull(@Nullable EpochIdentityDecoder decoder) {
        return decoder == null || (decoder.idHigh() == 0 && decoder.idLow() == 0)
                ? null
                : decode(decoder);
    }
}
