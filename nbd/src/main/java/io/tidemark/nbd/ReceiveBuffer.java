package io.tidemark.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What has been read from one socket and not yet been consumed. Takes memory from its pool with the
 * first byte and gives it back when empty, so an idle connection holds none and the few buffers in
 * use stay in the cache. Data thread only.
 */
final class ReceiveBuffer {
    private final BufferPool pool;
    private @Nullable PooledBuffer held;
    private int head;
    private int tail;
    private boolean pinned;

    ReceiveBuffer(BufferPool pool) {
        this.pool = pool;
    }

    int capacity() {
        return pool.bufferBytes();
    }

    int available() {
        return tail - head;
    }

    int head() {
        return head;
    }

    DirectBuffer view() {
        return memory().view;
    }

    /** While pinned, bytes keep their place: a request that waits for the device points at them. */
    void pin(boolean on) {
        pinned = on;
    }

    boolean hasRoom() {
        return pinned ? tail < capacity() : available() < capacity();
    }

    /** Reads as much as there is room for: bytes, 0, -1 at the end. */
    int readFrom(SocketChannel channel) throws IOException {
        ByteBuffer bytes = memory().bytes;
        if (tail == bytes.capacity() && !pinned) {
            compact(bytes);
        }
        bytes.limit(bytes.capacity()).position(tail);
        int read = channel.read(bytes);
        tail = bytes.position();
        return read;
    }

    private void compact(ByteBuffer bytes) {
        bytes.limit(tail).position(head);
        bytes.compact();
        tail -= head;
        head = 0;
    }

    void consume(int bytes) {
        assert bytes <= available();
        head += bytes;
        if (head == tail) {
            head = 0;
            tail = 0;
        }
    }

    /** Moves as much as both sides allow. */
    int moveTo(ByteBuffer destination) {
        int bytes = Math.min(destination.remaining(), available());
        destination.put(destination.position(), memory().bytes.clear(), head, bytes);
        destination.position(destination.position() + bytes);
        consume(bytes);
        return bytes;
    }

    /** Takes over what another buffer holds; there must be room. */
    void takeOver(ReceiveBuffer other) {
        ByteBuffer bytes = memory().bytes;
        bytes.clear().position(tail);
        if (other.available() > 0) {
            other.moveTo(bytes);
        }
        tail = bytes.position();
    }

    private PooledBuffer memory() {
        PooledBuffer buffer = held;
        if (buffer == null) {
            buffer = pool.acquire();
            held = buffer;
        }
        return buffer;
    }

    void releaseIfEmpty() {
        if (head == tail && !pinned) {
            release();
        }
    }

    void release() {
        pinned = false;
        head = 0;
        tail = 0;
        if (held != null) {
            pool.release(held);
            held = null;
        }
    }
}
