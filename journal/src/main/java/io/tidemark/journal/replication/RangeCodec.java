package io.tidemark.journal.replication;

import io.tidemark.codec.peer.MessageHeaderEncoder;
import io.tidemark.codec.peer.RangeDataEncoder;
import io.tidemark.codec.peer.RangeRefusalEncoder;
import io.tidemark.codec.peer.RangeRequestDecoder;
import io.tidemark.codec.peer.RangeRequestEncoder;
import java.nio.ByteBuffer;
import org.agrona.ExpandableDirectByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Encodes and decodes the messages by which one node mends its log from another's. */
final class RangeCodec {
    private static final int MAX_TEXT = 512;

    private RangeCodec() {}

    static int encodeRequest(
            ExpandableDirectByteBuffer buffer,
            int resourceKey,
            String nodeName,
            RangeRequest request) {
        RangeRequestEncoder encoder =
                new RangeRequestEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        encoder.resourceKey(resourceKey)
                .link(request.link())
                .request(request.request())
                .damagedFrom(request.damagedFrom())
                .from(request.from())
                .bytes(request.bytes())
                .end(request.end());
        EpochCodec.encode(request.epoch(), encoder.epoch());
        EpochCodec.encode(request.endEpoch(), encoder.endEpoch());
        encoder.nodeName(nodeName);
        return MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
    }

    /** All but the node's name. */
    static RangeRequest decodeRequest(RangeRequestDecoder decoder) {
        return new RangeRequest(
                decoder.link(),
                decoder.request(),
                EpochCodec.decodeOrNull(decoder.epoch()),
                decoder.damagedFrom(),
                decoder.from(),
                decoder.bytes(),
                Math.max(0, decoder.end()),
                EpochCodec.decodeOrNull(decoder.endEpoch()));
    }

    static int encodeData(
            ExpandableDirectByteBuffer buffer,
            int resourceKey,
            RangeRequest request,
            ByteBuffer frames,
            int length) {
        RangeDataEncoder encoder =
                new RangeDataEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        encoder.resourceKey(resourceKey)
                .link(request.link())
                .request(request.request())
                .from(request.from())
                .putFrames(new UnsafeBuffer(frames, 0, length), 0, length);
        return MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
    }

    static int encodeRefusal(
            ExpandableDirectByteBuffer buffer, int resourceKey, RangeRequest request, String text) {
        RangeRefusalEncoder encoder =
                new RangeRefusalEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        encoder.resourceKey(resourceKey)
                .link(request.link())
                .request(request.request())
                .text(text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text);
        return MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
    }
}
