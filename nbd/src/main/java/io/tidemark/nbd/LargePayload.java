package io.tidemark.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers a WRITE payload that does not fit a receive buffer, in chunks taken from the server's
 * budget as the bytes arrive: a client that announces 32 MiB and sends nothing costs nothing. One
 * per connection that ever needs it. Data thread only.
 */
final class LargePayload {
    private final PayloadBudget budget;
    private final @Nullable PooledBuffer[] chunks;
    private int count;
    private int length;
    private int received;

    LargePayload(PayloadBudget budget, int maxRequestBytes) {
        this.budget = budget;
        chunks = new @Nullable PooledBuffer[BufferBudgets.chunks(maxRequestBytes)];
    }

    void begin(int bytes) {
        assert count == 0 && bytes > 0;
        length = bytes;
        received = 0;
    }

    boolean complete() {
        return received == length;
    }

    int missing() {
        return length - received;
    }

    /** Whether there is room for a byte more; if not, the budget is exhausted. */
    boolean hasRoom() {
        return !complete() && (!needsChunk() || budget.available(this));
    }

    /** Takes what has been read already; less than there is when the budget is exhausted. */
    void take(ReceiveBuffer in) {
        while (in.available() > 0 && hasRoom()) {
            received += in.moveTo(room());
        }
    }

    /** Reads from the socket, given {@link #hasRoom()}: bytes, 0, -1 at the end. */
    int readFrom(SocketChannel channel) throws IOException {
        ByteBuffer room = room();
        int read = 0;
        try {
            read = channel.read(room);
        } finally {
            received += Math.max(0, read);
            if (room.position() == 0) {
                returnLast();
            }
        }
        return read;
    }

    private boolean needsChunk() {
        return received == count * BufferBudgets.CHUNK;
    }

    private ByteBuffer room() {
        if (needsChunk()) {
            PooledBuffer next = budget.acquire(this);
            next.bytes.limit(Math.min(BufferBudgets.CHUNK, length - received));
            chunks[count++] = next;
        }
        return at(count - 1).bytes;
    }

    private PooledBuffer at(int i) {
        PooledBuffer chunk = chunks[i];
        if (chunk == null) {
            throw new IndexOutOfBoundsException(i);
        }
        return chunk;
    }

    int chunks() {
        return count;
    }

    DirectBuffer chunk(int i) {
        return at(i).view;
    }

    int chunkLength(int i) {
        return at(i).bytes.limit();
    }

    /** Gives all chunks back: the device has copied them, or the connection is gone. */
    void release() {
        while (count > 0) {
            returnLast();
        }
        length = 0;
        received = 0;
    }

    private void returnLast() {
        count--;
        budget.release(at(count));
        chunks[count] = null;
        if (count == 0) {
            budget.leave(this);
        }
    }
}
