package io.tidemark.journal.aeron;

import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.protocol.DataHeaderFlyweight;
import io.tidemark.journal.log.EntryCursor;
import io.tidemark.journal.log.EntryLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BitUtil;

/**
 * Finds where the frames in a segment file end. It goes from frame to frame by their lengths; where
 * that leads nowhere it looks for the next valid entry of the position it lies at. A broken length
 * with valid entries behind it is damage, or a crash that kept later pages and lost earlier ones;
 * which of both is for the scan to tell, and that needs to see them.
 */
final class FrameWalk {
    private static final int CHUNK = 1 << 20;

    private final SegmentBytes segment;
    private final long base;
    private final int segmentLength;
    private final ByteBuffer chunk =
            ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    private final EntryCursor cursor = new EntryCursor(chunk);
    private int chunkStart;

    /**
     * @param base position of the file's first byte
     */
    FrameWalk(SegmentBytes segment, long base, int segmentLength) {
        this.segment = segment;
        this.base = base;
        this.segmentLength = segmentLength;
        chunk.limit(0);
    }

    /**
     * Offset behind the last frame that can be found.
     *
     * @param chainEnd offset where a chain of frames ends
     */
    int endBehind(int chainEnd) throws IOException {
        int end = chainEnd;
        int found = find(end);
        while (found >= 0) {
            end = chainEnd(found);
            found = find(end);
        }
        return end;
    }

    /**
     * Offset where the chain of frame lengths ends.
     *
     * @param from offset of a frame
     */
    int chainEnd(int from) throws IOException {
        int at = from;
        while (at + DataHeaderFlyweight.HEADER_LENGTH <= segmentLength) {
            if (at < chunkStart
                    || at + DataHeaderFlyweight.HEADER_LENGTH > chunkStart + chunk.limit()) {
                load(at);
            }
            int frame =
                    chunk.getInt(at - chunkStart + DataHeaderFlyweight.FRAME_LENGTH_FIELD_OFFSET);
            int aligned = BitUtil.align(frame, FrameDescriptor.FRAME_ALIGNMENT);
            if (frame < DataHeaderFlyweight.HEADER_LENGTH
                    || aligned <= 0
                    || aligned > segmentLength - at) {
                break;
            }
            at += aligned;
        }
        return at;
    }

    /** Offset of the next valid entry at or behind an offset, -1 if there is none. */
    private int find(int from) throws IOException {
        int at = from;
        while (at < segmentLength) {
            load(at);
            cursor.wrap(base + at, chunk.limit());
            if (cursor.find(0)) {
                return (int) (cursor.position() - base);
            }
            if (segmentLength - at <= CHUNK) {
                return -1;
            }
            // Chunks overlap by a frame, so that each lies in one of them whole.
            at += CHUNK - BitUtil.align(EntryLayout.MAX_FRAME, FrameDescriptor.FRAME_ALIGNMENT);
        }
        return -1;
    }

    private void load(int at) throws IOException {
        chunkStart = at;
        segment.load(at, Math.min(CHUNK, segmentLength - at), chunk);
    }
}
