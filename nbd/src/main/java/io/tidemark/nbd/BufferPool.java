package io.tidemark.nbd;

import java.util.ArrayList;
import org.agrona.BufferUtil;

/**
 * Direct buffers of one size, last in first out: the buffer used last is the one still in the
 * cache. Knows no limit; who acquires has asked a budget before. Data thread only.
 */
final class BufferPool {
    private final int bufferBytes;
    private final ArrayList<PooledBuffer> idle = new ArrayList<>();
    private int inUse;

    BufferPool(int bufferBytes) {
        this.bufferBytes = bufferBytes;
    }

    PooledBuffer acquire() {
        PooledBuffer buffer =
                idle.isEmpty() ? new PooledBuffer(this, bufferBytes) : idle.removeLast();
        inUse++;
        buffer.bytes.clear();
        return buffer;
    }

    void release(PooledBuffer buffer) {
        assert buffer.home == this && inUse > 0;
        inUse--;
        idle.add(buffer);
    }

    int bufferBytes() {
        return bufferBytes;
    }

    int inUse() {
        return inUse;
    }

    int idle() {
        return idle.size();
    }

    /** Gives one idle buffer back to the system at once, without waiting for the collector. */
    boolean freeOne() {
        if (idle.isEmpty()) {
            return false;
        }
        BufferUtil.free(idle.removeLast().bytes);
        return true;
    }

    void freeIdle() {
        while (freeOne()) {
            // Each call frees one.
        }
    }
}
