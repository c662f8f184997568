package io.tidemark.journal.partition;

import io.tidemark.journal.linux.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * One write of several direct buffers at an offset: the positional gather that {@link
 * java.nio.channels.FileChannel} lacks. Of the thread that makes it; the buffers' positions follow
 * what was written.
 */
final class GatherWrite implements AutoCloseable {
    private final ByteBuffer[] buffers;
    private final int end;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment vectors;
    private int first;

    GatherWrite(ByteBuffer[] buffers, int from, int count) {
        this.buffers = buffers;
        this.first = from;
        this.end = from + count;
        int most = Math.min(count, Linux.IOV_MAX);
        this.vectors = arena.allocate(most * Linux.IOVEC_BYTES, Long.BYTES);
    }

    static boolean allDirect(ByteBuffer[] buffers, int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (!buffers[i].isDirect()) {
                return false;
            }
        }
        return true;
    }

    static long remaining(ByteBuffer[] buffers, int from, int count) {
        long bytes = 0;
        for (int i = from; i < from + count; i++) {
            bytes += buffers[i].remaining();
        }
        return bytes;
    }

    /**
     * Writes some of what is left, and returns how many bytes or an errno, negated. There must be
     * some left.
     */
    long next(int fd, long offset) {
        while (!buffers[first].hasRemaining()) {
            first++;
        }
        int count = Math.min(end - first, Linux.IOV_MAX);
        for (int i = 0; i < count; i++) {
            ByteBuffer buffer = buffers[first + i];
            long entry = i * Linux.IOVEC_BYTES;
            vectors.set(ValueLayout.ADDRESS, entry, MemorySegment.ofBuffer(buffer));
            vectors.set(ValueLayout.JAVA_LONG, entry + Long.BYTES, buffer.remaining());
        }
        try {
            long written;
            do {
                written = Linux.pwritev(fd, vectors, count, offset);
            } while (written == -Linux.EINTR);
            advance(written);
            return written;
        } finally {
            Reference.reachabilityFence(buffers);
        }
    }

    private void advance(long written) {
        long left = written;
        for (int i = first; left > 0; i++) {
            ByteBuffer buffer = buffers[i];
            int taken = (int) Math.min(left, buffer.remaining());
            buffer.position(buffer.position() + taken);
            left -= taken;
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
