package io.tidemark.journal.aeron;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.protocol.DataHeaderFlyweight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import org.agrona.BitUtil;

/**
 * Where a recording ends by its segment files, whatever the catalog says: after a power cut that
 * may be older than the files, or newer.
 *
 * <p>The end is where the last frame ends that can be found in the last segment. Whether the last
 * frames are whole, and whether all segments before are there, is for Tidemark's own scan, which
 * knows the checksums of entries and what was durable. One thread at a time.
 */
final class RecordingEnd {
    private static final int CHUNK = 1 << 20;
    private static final int HEADER = DataHeaderFlyweight.HEADER_LENGTH;

    private final CatalogFile.Entry recording;
    private final long durable;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(LITTLE_ENDIAN);

    /**
     * @param durable position up to which it is known to have been durable
     */
    RecordingEnd(CatalogFile.Entry recording, long durable) {
        this.recording = recording;
        this.durable = durable;
    }

    /** Finds the end; takes files that cannot be of this recording out of its way. */
    long find(Path directory) throws IOException {
        return find(directory, true);
    }

    /** Finds the end and changes nothing. */
    long look(Path directory) throws IOException {
        return find(directory, false);
    }

    private long find(Path directory, boolean mayChange) throws IOException {
        NavigableMap<Long, Path> segments = Segments.of(directory, recording.recordingId());
        while (!segments.isEmpty()) {
            Map.Entry<Long, Path> last = segments.lastEntry();
            if (mayChange) {
                Segments.giveLength(last.getValue(), recording.segmentLength());
            }
            try (SegmentBytes file = new SegmentBytes(last.getValue(), last.getKey())) {
                if (!foreign(file, last.getKey())) {
                    long end = endOfFrames(file, last.getKey());
                    if (end > last.getKey()
                            || end <= recording.start()
                            || !Segments.blank(last.getValue())) {
                        return end;
                    }
                }
            }
            if (mayChange) {
                Segments.remove(
                        last.getValue(),
                        "is not of recording " + recording.recordingId() + " at all");
            }
            segments.pollLastEntry();
        }
        return recording.start();
    }

    /** Where in a segment to begin: behind what the catalog knows to be there. */
    private int from(long base) {
        long stop = recording.stop();
        boolean known = stop > base && stop <= base + recording.segmentLength();
        return (int) Math.max(0, (known ? stop : Math.max(base, recording.start())) - base);
    }

    /**
     * Whether the first frames lie in another stream, or at another place of this one. One frame
     * that says so may be damaged; two that agree are not.
     */
    private boolean foreign(SegmentBytes segment, long base) throws IOException {
        int at = (int) Math.max(0, recording.start() - base);
        if (at + 2 * HEADER > recording.segmentLength()) {
            return false;
        }
        segment.load(at, Math.min(CHUNK, recording.segmentLength() - at), chunk);
        int first = chunk.getInt(DataHeaderFlyweight.FRAME_LENGTH_FIELD_OFFSET);
        int next = BitUtil.align(first, FrameDescriptor.FRAME_ALIGNMENT);
        if (first < HEADER || next <= 0 || next + HEADER > chunk.limit()) {
            return false;
        }
        int stream = chunk.getInt(DataHeaderFlyweight.STREAM_ID_FIELD_OFFSET);
        int term = chunk.getInt(DataHeaderFlyweight.TERM_ID_FIELD_OFFSET);
        boolean agree =
                chunk.getInt(next) >= HEADER
                        && chunk.getInt(next + DataHeaderFlyweight.STREAM_ID_FIELD_OFFSET) == stream
                        && chunk.getInt(next + DataHeaderFlyweight.TERM_ID_FIELD_OFFSET) == term;
        int right = recording.initialTermId() + (int) ((base + at) / recording.termLength());
        return agree && (stream != recording.streamId() || term != right);
    }

    /**
     * A recording that ends as its catalog says ends there. One that was open, or should be longer,
     * is searched for valid frames behind the first place where no frame is.
     */
    private long endOfFrames(SegmentBytes segment, long base) throws IOException {
        FrameWalk walk = new FrameWalk(segment, base, recording.segmentLength());
        int end = walk.chainEnd(from(base));
        return base + (recording.open() || base + end < durable ? walk.endBehind(end) : end);
    }
}
