package io.tidemark.journal.log;

import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.protocol.DataHeaderFlyweight;
import io.aeron.protocol.HeaderFlyweight;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the frame headers of one recording must hold at a position. An entry protects itself by its
 * own checksums, but not the frame around it, and the archive replays a log to a replica by its
 * frames: one wrong bit in a header ends every catch-up there, while this node would never notice.
 *
 * @param streamId of the recording
 * @param initialTermId of the recording
 * @param termLength bytes, a power of two
 */
public record FrameRule(int streamId, int initialTermId, int termLength) {
    /**
     * Why the frame header at an index is not that of a frame at a position, or empty. Allocates
     * nothing.
     */
    String problem(UnsafeBuffer buffer, int at, long position, boolean padding) {
        int version = buffer.getByte(at + HeaderFlyweight.VERSION_FIELD_OFFSET);
        if (version != HeaderFlyweight.CURRENT_VERSION) {
            return "frame version";
        }
        if (field(buffer, at, DataHeaderFlyweight.TERM_OFFSET_FIELD_OFFSET)
                != (int) (position & (termLength - 1))) {
            return "term offset";
        }
        if (field(buffer, at, DataHeaderFlyweight.TERM_ID_FIELD_OFFSET)
                != initialTermId + (int) (position / termLength)) {
            return "term id";
        }
        if (field(buffer, at, DataHeaderFlyweight.STREAM_ID_FIELD_OFFSET) != streamId) {
            return "stream id";
        }
        if (padding) {
            return "";
        }
        if (buffer.getByte(at + HeaderFlyweight.FLAGS_FIELD_OFFSET)
                != FrameDescriptor.UNFRAGMENTED) {
            return "frame flags";
        }
        return buffer.getLong(at + DataHeaderFlyweight.RESERVED_VALUE_OFFSET) == 0
                ? ""
                : "reserved value";
    }

    /** The checksum of a data frame's content, which the archive keeps in place of its session. */
    static int checksum(UnsafeBuffer buffer, int at) {
        return field(buffer, at, DataHeaderFlyweight.SESSION_ID_FIELD_OFFSET);
    }

    private static int field(UnsafeBuffer buffer, int at, int offset) {
        return buffer.getInt(at + offset, ByteOrder.LITTLE_ENDIAN);
    }
}
