package io.tidemark.journal.log;

import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.protocol.DataHeaderFlyweight;
import io.tidemark.codec.log.EntryHeaderDecoder;
import io.tidemark.codec.log.MessageHeaderDecoder;
import io.tidemark.codec.log.PayloadEncodingDecoder;
import io.tidemark.codec.log.WriteDecoder;
import org.agrona.BitUtil;

/**
 * Where the bytes of an entry lie. An entry is one Aeron frame, so it is never fragmented: a frame
 * header, the SBE message header, the root block that begins with the entry header, and for some
 * templates variable data behind a 32-bit length.
 *
 * <p>All sizes in bytes. All positions are positions in the log.
 */
public final class EntryLayout {
    /** Aeron's data frame header. */
    public static final int FRAME_HEADER = DataHeaderFlyweight.HEADER_LENGTH;

    /**
     * Reserved value of the padding frame that is put where a log is about to be cut. A node that
     * is killed before the cut is done knows by it that what lies behind was given up on purpose.
     */
    public static final long CUT_MARK = 0x6465_6469_7420_7475L;

    /** Largest frame, since an entry is never fragmented: Aeron's largest MTU. */
    public static final int MAX_FRAME = 65_504;

    /** SBE message header. */
    public static final int MESSAGE_HEADER = MessageHeaderDecoder.ENCODED_LENGTH;

    /** Entry header from the start of the SBE message header on. */
    public static final int HEADER_CRC =
            MESSAGE_HEADER + EntryHeaderDecoder.headerCrc32cEncodingOffset();

    public static final int PAYLOAD_CRC =
            MESSAGE_HEADER + EntryHeaderDecoder.payloadCrc32cEncodingOffset();

    /** Length prefix of variable data. */
    public static final int LENGTH_PREFIX = PayloadEncodingDecoder.varDataEncodingOffset();

    /** Bytes of a Write entry in front of its payload, without the frame header. */
    public static final int WRITE_OVERHEAD =
            MESSAGE_HEADER + WriteDecoder.BLOCK_LENGTH + LENGTH_PREFIX;

    private static final int[] PIECES = {61_440, 8_192, 4_096, 2_048, 1_024};

    static {
        if (EntryHeaderDecoder.headerCrc32cEncodingOffset() != 0) {
            throw new AssertionError("the header's CRC comes first, so that it covers one range");
        }
    }

    private EntryLayout() {}

    /**
     * Largest payload of one Write entry for an MTU: a multiple of the block size where the MTU
     * allows, so that the pieces of an aligned write stay aligned on the partition.
     */
    public static int maxPayload(int mtu) {
        int room = mtu - FRAME_HEADER - WRITE_OVERHEAD;
        for (int piece : PIECES) {
            if (piece <= room) {
                return piece;
            }
        }
        throw new IllegalArgumentException("mtu " + mtu + " is too small for an entry");
    }

    /** MTU that carries exactly one payload piece of the given size. */
    public static int mtuFor(int piece) {
        return alignedFrame(WRITE_OVERHEAD + piece);
    }

    /** Bytes of log that an entry of {@code length} bytes takes. */
    public static int alignedFrame(int length) {
        return BitUtil.align(FRAME_HEADER + length, FrameDescriptor.FRAME_ALIGNMENT);
    }

    /**
     * Upper bound of the bytes of log that a write request of {@code bytes} takes, with term
     * padding.
     */
    public static long encodedRequestBound(long bytes, int mtu, int termLength) {
        int piece = maxPayload(mtu);
        long entries = bytes / piece + 2;
        long frames =
                bytes + entries * (alignedFrame(WRITE_OVERHEAD) + FrameDescriptor.FRAME_ALIGNMENT);
        return frames + (frames / termLength + 1) * mtu;
    }

    /**
     * The same for a request whose payload comes in slices, each of which may end in a piece of its
     * own.
     *
     * @param slices 0 for a request without payload
     */
    public static long encodedRequestBound(long bytes, int slices, int maxPayload, int termLength) {
        long entries = bytes / maxPayload + slices + 1;
        long frames =
                bytes + entries * (alignedFrame(WRITE_OVERHEAD) + FrameDescriptor.FRAME_ALIGNMENT);
        return frames + (frames / termLength + 1) * MAX_FRAME;
    }
}
