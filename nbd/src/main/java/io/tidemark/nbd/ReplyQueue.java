package io.tidemark.nbd;

import io.tidemark.codec.nbd.SimpleReplyEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Replies of one connection on their way to its socket, in the order of completion. Replies without
 * data are packed into shared blocks and everything leaves in few gathering writes. Bounded by the
 * connection's limit on outstanding requests. Data thread only.
 */
final class ReplyQueue {
    private static final int HEADER = SimpleReplyEncoder.BLOCK_LENGTH;

    /** Writes per call: a client that reads fast must not keep the thread from the others. */
    private static final int MAX_WRITES = 4;

    private final ServerContext context;
    private @Nullable PooledBuffer[] ring = new @Nullable PooledBuffer[16];
    private int head;
    private int size;
    private int replies;
    private long readBytes;
    private boolean blocked;

    ReplyQueue(ServerContext context) {
        this.context = context;
    }

    /** Replies not yet sent completely, counting those of a block until the whole block is out. */
    int replies() {
        return replies;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** READ memory that waits to be sent, bytes. */
    long readBytes() {
        return readBytes;
    }

    void add(long cookie, int error) {
        PooledBuffer block = size == 0 ? null : at(size - 1);
        if (block == null || !isBlock(block) || block.bytes.limit() + HEADER > block.capacity()) {
            block = context.replyBlocks.acquire();
            block.bytes.limit(0);
            push(block);
        }
        int at = block.bytes.limit();
        header(block, at, cookie, error);
        block.bytes.limit(at + HEADER);
        replies++;
    }

    /** Adds a READ's data, with the header in the room in front of it. */
    void add(long cookie, PooledBuffer data, int length) {
        int start = BufferBudgets.HEADER_ROOM - HEADER;
        header(data, start, cookie, NbdErrors.NONE);
        data.bytes.limit(BufferBudgets.HEADER_ROOM + length).position(start);
        push(data);
        replies++;
        readBytes += data.capacity();
    }

    private void header(PooledBuffer to, int at, long cookie, int error) {
        context.simpleReply
                .wrap(to.view, at)
                .magic(NbdProtocol.SIMPLE_REPLY_MAGIC)
                .errorCode(error)
                .cookie(cookie);
    }

    /** Whether the socket took less than it was given the last time. */
    boolean blocked() {
        return blocked;
    }

    /** Sends what the socket takes and returns how many bytes that was. */
    long send(SocketChannel channel) throws IOException {
        long total = 0;
        blocked = false;
        for (int i = 0; i < MAX_WRITES && size > 0 && !blocked; i++) {
            int count = gather(context.gather);
            long written =
                    count == 1
                            ? channel.write(at(0).bytes)
                            : channel.write(context.gather, 0, count);
            total += written;
            blocked = dropSent() < count;
        }
        return total;
    }

    private int gather(ByteBuffer[] to) {
        int count = Math.min(size, to.length);
        for (int i = 0; i < count; i++) {
            to[i] = at(i).bytes;
        }
        return count;
    }

    private int dropSent() {
        int dropped = 0;
        while (size > 0 && !at(0).bytes.hasRemaining()) {
            dropFirst();
            dropped++;
        }
        return dropped;
    }

    private void dropFirst() {
        PooledBuffer sent = at(0);
        ring[head] = null;
        head = (head + 1) & (ring.length - 1);
        size--;
        if (isBlock(sent)) {
            replies -= sent.bytes.limit() / HEADER;
            context.replyBlocks.release(sent);
        } else {
            replies--;
            readBytes -= sent.capacity();
            context.reads.release(sent);
        }
    }

    /** Forgets everything: nobody is there to read it. */
    void discard() {
        while (size > 0) {
            dropFirst();
        }
    }

    private boolean isBlock(PooledBuffer buffer) {
        return buffer.home == context.replyBlocks;
    }

    private PooledBuffer at(int i) {
        PooledBuffer buffer = ring[(head + i) & (ring.length - 1)];
        if (buffer == null) {
            throw new IndexOutOfBoundsException(i);
        }
        return buffer;
    }

    private void push(PooledBuffer buffer) {
        if (size == ring.length) {
            grow();
        }
        ring[(head + size) & (ring.length - 1)] = buffer;
        size++;
    }

    private void grow() {
        @Nullable PooledBuffer[] larger = Arrays.copyOf(ring, ring.length * 2);
        for (int i = 0; i < size; i++) {
            larger[i] = ring[(head + i) & (ring.length - 1)];
        }
        Arrays.fill(larger, size, larger.length, null);
        ring = larger;
        head = 0;
    }
}
