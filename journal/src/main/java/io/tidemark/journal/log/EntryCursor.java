package io.tidemark.journal.log;

import io.aeron.logbuffer.LogBufferDescriptor;
import io.aeron.protocol.DataHeaderFlyweight;
import io.aeron.protocol.HeaderFlyweight;
import io.tidemark.codec.log.EntryHeaderDecoder;
import io.tidemark.codec.log.MessageHeaderDecoder;
import io.tidemark.codec.log.TrimDecoder;
import io.tidemark.codec.log.WriteDecoder;
import io.tidemark.codec.log.WriteZeroesDecoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Walks the entries in a piece of log that lies in memory, checks each (frame, position, both CRCs)
 * and exposes its fields. Reads only; allocates nothing per entry. Not thread-safe.
 */
public final class EntryCursor {
    /** Outcome of {@link #next}. */
    public enum Step {
        /** An entry whose checks hold. */
        ENTRY,
        /** The piece is used up, or the next frame does not lie in it whole. */
        END,
        /** The bytes at {@link #position} are no valid entry; {@link #problem} says why. */
        INVALID,
    }

    private final UnsafeBuffer buffer;
    private final MessageHeaderDecoder messageHeader = new MessageHeaderDecoder();
    private final EntryHeaderDecoder header = new EntryHeaderDecoder();
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer view;
    private long basePosition;
    private int limit;
    private int at;
    private int entryOffset;
    private int nextOffset;
    private String problem = "";
    private boolean cutHere;
    private @Nullable FrameRule frames;

    /**
     * @param bytes where pieces of the log will lie, from index 0 on
     */
    public EntryCursor(ByteBuffer bytes) {
        buffer = new UnsafeBuffer(bytes);
        view = bytes.duplicate();
    }

    /** Looks at {@code length} bytes of log from {@code basePosition} on, from index 0 on. */
    public void wrap(long basePosition, int length) {
        this.basePosition = basePosition;
        this.limit = length;
        this.at = 0;
        this.nextOffset = 0;
    }

    /** Checks the frames' headers too from now on; without a rule only what the entries need. */
    public void frames(@Nullable FrameRule rule) {
        frames = rule;
    }

    /** Moves to the next entry, past padding. */
    public Step next() {
        cutHere = false;
        at = nextOffset;
        while (at + EntryLayout.FRAME_HEADER <= limit) {
            int frameLength =
                    buffer.getInt(
                            at + HeaderFlyweight.FRAME_LENGTH_FIELD_OFFSET,
                            ByteOrder.LITTLE_ENDIAN);
            if (frameLength < EntryLayout.FRAME_HEADER) {
                return invalid("frame length " + frameLength);
            }
            int aligned = BitUtil.align(frameLength, 32);
            int type =
                    buffer.getShort(at + HeaderFlyweight.TYPE_FIELD_OFFSET, ByteOrder.LITTLE_ENDIAN)
                            & 0xFFFF;
            if (type == HeaderFlyweight.HDR_TYPE_PAD) {
                if (!endsTerm(aligned)) {
                    cutHere =
                            buffer.getLong(
                                            at + DataHeaderFlyweight.RESERVED_VALUE_OFFSET,
                                            ByteOrder.LITTLE_ENDIAN)
                                    == EntryLayout.CUT_MARK;
                    return invalid("padding of " + frameLength + " bytes");
                }
                String wrong =
                        frames == null ? "" : frames.problem(buffer, at, basePosition + at, true);
                if (!wrong.isEmpty()) {
                    return invalid(wrong);
                }
                at += aligned;
                continue;
            }
            if (type != HeaderFlyweight.HDR_TYPE_DATA) {
                return invalid("frame type " + type);
            }
            if (frameLength > EntryLayout.MAX_FRAME) {
                return invalid("frame length " + frameLength);
            }
            if (aligned > limit - at) {
                break;
            }
            return check(frameLength, aligned);
        }
        nextOffset = at;
        return Step.END;
    }

    /**
     * Padding is at the end of a term and nowhere else; without this check one wrong bit in a
     * frame's type would make its entry disappear. The length of terms is not known here, but the
     * frame says where in its term it lies.
     */
    private boolean endsTerm(int aligned) {
        long termOffset =
                buffer.getInt(
                        at + DataHeaderFlyweight.TERM_OFFSET_FIELD_OFFSET, ByteOrder.LITTLE_ENDIAN);
        long end = termOffset + aligned;
        return termOffset >= 0
                && aligned > 0
                && end >= LogBufferDescriptor.TERM_MIN_LENGTH
                && end <= LogBufferDescriptor.TERM_MAX_LENGTH
                && Long.bitCount(end) == 1
                && ((basePosition + at) & (end - 1)) == termOffset;
    }

    /**
     * Looks for the next valid entry behind bytes that are none.
     *
     * @param index where to look first, a multiple of 32
     * @return false if there is none, or none that lies in the piece whole
     */
    public boolean find(int index) {
        for (at = index; at + EntryLayout.FRAME_HEADER <= limit; at += 32) {
            int frameLength =
                    buffer.getInt(
                            at + HeaderFlyweight.FRAME_LENGTH_FIELD_OFFSET,
                            ByteOrder.LITTLE_ENDIAN);
            int type =
                    buffer.getShort(
                            at + HeaderFlyweight.TYPE_FIELD_OFFSET, ByteOrder.LITTLE_ENDIAN);
            if (frameLength > EntryLayout.FRAME_HEADER
                    && type == HeaderFlyweight.HDR_TYPE_DATA
                    && frameLength <= Math.min(EntryLayout.MAX_FRAME, limit - at)
                    && check(frameLength, BitUtil.align(frameLength, 32)) == Step.ENTRY) {
                return true;
            }
        }
        return false;
    }

    /** Looks at an entry that was found valid before, by the index of its frame. */
    public void at(int frameIndex) {
        at = frameIndex;
        entryOffset = frameIndex + EntryLayout.FRAME_HEADER;
        messageHeader.wrap(buffer, entryOffset);
        header.wrap(buffer, entryOffset + EntryLayout.MESSAGE_HEADER);
    }

    private Step check(int frameLength, int aligned) {
        entryOffset = at + EntryLayout.FRAME_HEADER;
        int length = frameLength - EntryLayout.FRAME_HEADER;
        if (length < EntryLayout.MESSAGE_HEADER + EntryHeaderDecoder.ENCODED_LENGTH) {
            return invalid("entry of " + length + " bytes");
        }
        messageHeader.wrap(buffer, entryOffset);
        int blockLength = messageHeader.blockLength();
        if (messageHeader.schemaId() != MessageHeaderDecoder.SCHEMA_ID
                || blockLength < EntryHeaderDecoder.ENCODED_LENGTH
                || EntryLayout.MESSAGE_HEADER + blockLength > length) {
            return invalid("no Tidemark entry");
        }
        header.wrap(buffer, entryOffset + EntryLayout.MESSAGE_HEADER);
        if ((int) header.headerCrc32c() != headerCrc(blockLength)) {
            return invalid("header checksum");
        }
        if (header.position() != basePosition + at) {
            return invalid("entry of position " + header.position());
        }
        // The frame holds the entry and nothing else: neither length nor prefix is in a checksum.
        int payloadStart = entryOffset + EntryLayout.MESSAGE_HEADER + blockLength;
        int tail = length - EntryLayout.MESSAGE_HEADER - blockLength;
        if (templateId() == WriteDecoder.TEMPLATE_ID) {
            payloadStart += EntryLayout.LENGTH_PREFIX;
            tail -= EntryLayout.LENGTH_PREFIX;
            if (tail < 0 || payloadLength() != tail) {
                return invalid("payload length");
            }
        }
        view.limit(payloadStart + tail).position(payloadStart);
        crc.reset();
        crc.update(view);
        if ((int) crc.getValue() != (int) header.payloadCrc32c()) {
            return invalid("payload checksum");
        }
        String wrong = frames == null ? "" : frameProblem(frames, aligned);
        if (!wrong.isEmpty()) {
            return invalid(wrong);
        }
        nextOffset = at + aligned;
        return Step.ENTRY;
    }

    private String frameProblem(FrameRule rule, int aligned) {
        if (aligned > limit - at) {
            return "half a frame";
        }
        String wrong = rule.problem(buffer, at, basePosition + at, false);
        if (!wrong.isEmpty()) {
            return wrong;
        }
        crc.reset();
        view.limit(at + aligned).position(at + EntryLayout.FRAME_HEADER);
        crc.update(view);
        return (int) crc.getValue() == FrameRule.checksum(buffer, at) ? "" : "frame checksum";
    }

    private int headerCrc(int blockLength) {
        crc.reset();
        view.limit(entryOffset + EntryLayout.HEADER_CRC).position(entryOffset);
        crc.update(view);
        view.limit(entryOffset + EntryLayout.MESSAGE_HEADER + blockLength)
                .position(entryOffset + EntryLayout.HEADER_CRC + Integer.BYTES);
        crc.update(view);
        return (int) crc.getValue();
    }

    private Step invalid(String what) {
        problem = what;
        return Step.INVALID;
    }

    /** Position of the current entry's frame, or of the invalid bytes. */
    public long position() {
        return basePosition + at;
    }

    /** Position behind the current entry; after {@link Step#END} where to read on. */
    public long endPosition() {
        return basePosition + nextOffset;
    }

    /** Whether the log was being cut at the invalid bytes when the node ended. */
    public boolean cutHere() {
        return cutHere;
    }

    /** Why {@link Step#INVALID}. */
    public String problem() {
        return problem;
    }

    public int templateId() {
        return messageHeader.templateId();
    }

    public EntryHeaderDecoder header() {
        return header;
    }

    public boolean lastOfRequest() {
        return header.flags().lastOfRequest();
    }

    public long chainAfter(long chain) {
        return ChainHash.next(
                chain, position(), (int) header.headerCrc32c(), (int) header.payloadCrc32c());
    }

    /** Write, WriteZeroes, Trim: first byte on the volume. */
    public long volumeOffset() {
        return buffer.getLong(
                entryOffset
                        + EntryLayout.MESSAGE_HEADER
                        + WriteDecoder.volumeOffsetEncodingOffset(),
                ByteOrder.LITTLE_ENDIAN);
    }

    /** Bytes of the volume that the entry changes, 0 for entries that change none. */
    public long volumeLength() {
        return switch (templateId()) {
            case WriteDecoder.TEMPLATE_ID -> payloadLength();
            case WriteZeroesDecoder.TEMPLATE_ID, TrimDecoder.TEMPLATE_ID ->
                    buffer.getLong(
                            entryOffset
                                    + EntryLayout.MESSAGE_HEADER
                                    + TrimDecoder.volumeLengthEncodingOffset(),
                            ByteOrder.LITTLE_ENDIAN);
            default -> 0;
        };
    }

    /** Write: index of the payload's first byte in the wrapped bytes. */
    public int payloadOffset() {
        return entryOffset
                + EntryLayout.MESSAGE_HEADER
                + messageHeader.blockLength()
                + EntryLayout.LENGTH_PREFIX;
    }

    private int payloadLength() {
        return buffer.getInt(payloadOffset() - EntryLayout.LENGTH_PREFIX, ByteOrder.LITTLE_ENDIAN);
    }

    /** The wrapped bytes, to decode templates in full; see {@link #entryOffset}. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** Index of the SBE message header of the current entry. */
    public int entryOffset() {
        return entryOffset;
    }

    public int blockLength() {
        return messageHeader.blockLength();
    }

    public int version() {
        return messageHeader.version();
    }

    static {
        if (DataHeaderFlyweight.HEADER_LENGTH != 32
                || TrimDecoder.volumeOffsetEncodingOffset()
                        != WriteDecoder.volumeOffsetEncodingOffset()
                || WriteZeroesDecoder.volumeLengthEncodingOffset()
                        != TrimDecoder.volumeLengthEncodingOffset()) {
            throw new AssertionError("entries that change a volume share their layout");
        }
    }
}
