package io.tidemark.journal.apply;

import io.tidemark.journal.log.UnreadableLogException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One read of a volume: which bytes come from the log, which are zeroes and which come from the
 * partition, as the overlay had it when the read came in. Pooled: filled by the data thread,
 * performed by a reader thread, handed back.
 */
public final class ReadJob implements ExtentVisitor {
    private static final long FROM_PARTITION = Long.MIN_VALUE;

    private long[] starts = new long[16];
    private long[] ends = new long[16];
    private long[] sources = new long[16];
    private int pieces;
    @Nullable VolumePartition volume;
    @Nullable ByteBuffer target;
    @Nullable Object attachment;
    @Nullable RuntimeException failure;
    long logEnd;
    private int targetStart;
    private int targetLimit;

    /**
     * Prepares the job.
     *
     * @param overlay of the volume
     * @param recorded end of the recorded log, below which the overlay's addresses lie
     * @param buffer filled from its position on
     * @param owner handed back with the job
     */
    public void prepare(
            VolumePartition onVolume,
            ReadOverlay overlay,
            long recorded,
            long offset,
            int length,
            ByteBuffer buffer,
            Object owner) {
        pieces = 0;
        failure = null;
        volume = onVolume;
        target = buffer;
        targetStart = buffer.position();
        targetLimit = buffer.limit();
        attachment = owner;
        logEnd = recorded;
        overlay.resolve(offset, length, this);
    }

    @Override
    public void extent(long start, long end, long value, long tag) {
        add(start, end, value < 0 ? ReadOverlay.ZEROES : value);
    }

    @Override
    public void gap(long start, long end) {
        add(start, end, FROM_PARTITION);
    }

    private void add(long start, long end, long source) {
        if (pieces == starts.length) {
            starts = Arrays.copyOf(starts, pieces * 2);
            ends = Arrays.copyOf(ends, pieces * 2);
            sources = Arrays.copyOf(sources, pieces * 2);
        }
        starts[pieces] = start;
        ends[pieces] = end;
        sources[pieces] = source;
        pieces++;
    }

    /** The buffer as it was given; a job that failed may be done again. */
    ByteBuffer freshTarget() {
        ByteBuffer buffer = target;
        if (buffer == null) {
            throw new IllegalStateException("not prepared");
        }
        failure = null;
        return buffer.limit(targetLimit).position(targetStart);
    }

    int pieces() {
        return pieces;
    }

    long start(int piece) {
        return starts[piece];
    }

    int length(int piece) {
        return (int) (ends[piece] - starts[piece]);
    }

    boolean fromPartition(int piece) {
        return sources[piece] == FROM_PARTITION;
    }

    boolean zeroes(int piece) {
        return sources[piece] == ReadOverlay.ZEROES;
    }

    /** Position in the log of the piece's first byte. */
    long address(int piece) {
        return sources[piece];
    }

    /** Why the read failed, or null. */
    public @Nullable RuntimeException failure() {
        return failure;
    }

    /** Whether the journal's disk did not give back what was recorded. */
    public boolean unreadable() {
        RuntimeException why = failure;
        return why != null && why.getCause() instanceof UnreadableLogException;
    }

    /** What {@link #prepare} was given. */
    public Object attachment() {
        if (attachment == null) {
            throw new IllegalStateException("not prepared");
        }
        return attachment;
    }
}
