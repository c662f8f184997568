package io.tidemark.nbd;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Direct memory of a {@link BufferPool}, with the view through which headers are read and written.
 */
final class PooledBuffer {
    final ByteBuffer bytes;
    final UnsafeBuffer view;
    final BufferPool home;

    PooledBuffer(BufferPool home, int capacity) {
        this.home = home;
        bytes = ByteBuffer.allocateDirect(capacity);
        view = new UnsafeBuffer(bytes);
    }

    int capacity() {
        return bytes.capacity();
    }
}
