package io.tidemark.perf.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * One connection with its requests in flight. Each slot has a direct buffer of its own that holds
 * header and payload, so that all requests that are ready go out in one gathering write without a
 * copy. Allocates nothing per request.
 *
 * <p>The generator's thread only.
 */
final class LoadConnection implements AutoCloseable {
    private static final int REQUEST_MAGIC = 0x25609513;
    private static final int REPLY_MAGIC = 0x67446698;
    private static final short READ = 0;
    private static final short WRITE = 1;
    private static final short DISC = 2;
    private static final short FLUSH = 3;
    private static final short FUA = 1;
    private static final int HEADER = 28;
    private static final int REPLY = 16;
    private static final int SMALL_REPLIES_BUFFER = 256 << 10;

    final SocketChannel channel;
    private final LoadGenerator generator;
    private final Workload workload;
    private final Ledger ledger;
    private final int readBytes;
    private final ByteBuffer[] slots;
    private final long[] offsets;
    private final long[] writes;
    private final long[] startsNs;
    private final int[] free;
    private final int flushSlot;
    private final ByteBuffer received;
    private final ByteBuffer[] unsent;
    private int unsentFrom;
    private int unsentTo;
    private int freeCount;
    private int groupIssued;
    private long groupStartNs;
    private boolean flushing;

    LoadConnection(
            LoadGenerator generator,
            SocketAddress server,
            String export,
            Workload workload,
            Ledger ledger)
            throws IOException {
        this.generator = generator;
        this.workload = workload;
        this.ledger = ledger;
        int count = workload.inFlight();
        readBytes = workload.reads() ? workload.requestBytes() : 0;
        slots = new ByteBuffer[count + 1];
        offsets = new long[count];
        writes = new long[count];
        startsNs = new long[count];
        free = new int[count];
        flushSlot = count;
        unsent = new ByteBuffer[count + 1];
        for (int i = 0; i < count; i++) {
            slots[i] =
                    ByteBuffer.allocateDirect(
                            HEADER + (workload.reads() ? 0 : workload.requestBytes()));
            Ledger.prepare(slots[i].position(HEADER));
            free[freeCount++] = i;
        }
        slots[flushSlot] = ByteBuffer.allocateDirect(HEADER);
        received = ByteBuffer.allocateDirect(Math.max(SMALL_REPLIES_BUFFER, REPLY + readBytes));
        received.limit(receiveLimit());
        channel = SocketChannel.open(server);
        try {
            if (server instanceof InetSocketAddress) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            long size = Handshake.go(channel, export);
            if (size < ledger.areaBytes()) {
                throw new LoadException("the export has only " + size + " bytes");
            }
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * A large reply is read exactly, so that nothing of the next one must be moved to the front of
     * the buffer.
     */
    private int receiveLimit() {
        return readBytes > SMALL_REPLIES_BUFFER / 4 ? REPLY + readBytes : received.capacity();
    }

    boolean isQuiet() {
        return freeCount == free.length && !flushing;
    }

    boolean hasUnsent() {
        return unsentFrom < unsentTo;
    }

    /** Puts as many requests on their way as the workload allows; returns how many. */
    int issue(long nowNs) {
        int issued = 0;
        int group = workload.flushEvery();
        while (freeCount > 0 && !flushing) {
            if (group > 0 && groupIssued == group) {
                if (freeCount == free.length) {
                    flush();
                    issued++;
                }
                break;
            }
            if (groupIssued == 0) {
                if (!generator.mayIssue(nowNs)) {
                    break;
                }
                groupStartNs = nowNs;
            }
            issueOne(nowNs);
            issued++;
            groupIssued = group == 0 ? 0 : groupIssued + 1;
        }
        return issued;
    }

    private void issueOne(long nowNs) {
        int slot = free[--freeCount];
        int length = workload.requestBytes();
        long offset = generator.nextOffset();
        ByteBuffer request = slots[slot];
        offsets[slot] = offset;
        startsNs[slot] = nowNs;
        if (!workload.reads()) {
            writes[slot] = ledger.begin(request, HEADER, offset, length);
        }
        short flags = workload.fua() ? FUA : 0;
        enqueue(slot, flags, workload.reads() ? READ : WRITE, offset, length);
    }

    /** All writes that were answered become durable; {@link #isQuiet} once that is answered. */
    void flush() {
        flushing = true;
        enqueue(flushSlot, (short) 0, FLUSH, 0, 0);
    }

    private void enqueue(int slot, short flags, short type, long offset, int length) {
        ByteBuffer request = slots[slot];
        request.clear();
        request.putInt(0, REQUEST_MAGIC).putShort(4, flags).putShort(6, type);
        request.putLong(8, slot).putLong(16, offset).putInt(24, length);
        if (unsentFrom == unsentTo) {
            unsentFrom = 0;
            unsentTo = 0;
        } else if (unsentTo == unsent.length) {
            System.arraycopy(unsent, unsentFrom, unsent, 0, unsentTo - unsentFrom);
            unsentTo -= unsentFrom;
            unsentFrom = 0;
        }
        unsent[unsentTo++] = request;
    }

    /** Sends what is ready: all of it on a blocking socket, else what the socket takes. */
    long send() throws IOException {
        long sent = 0;
        while (unsentFrom < unsentTo) {
            long bytes = channel.write(unsent, unsentFrom, unsentTo - unsentFrom);
            if (bytes == 0) {
                break;
            }
            sent += bytes;
            while (unsentFrom < unsentTo && !unsent[unsentFrom].hasRemaining()) {
                unsentFrom++;
            }
        }
        return sent;
    }

    /**
     * Takes the replies that are there; a blocking socket waits for the first bytes of one. Returns
     * the bytes.
     */
    int receive() throws IOException {
        int bytes = channel.read(received);
        if (bytes < 0) {
            throw new EOFException("the server closed the connection");
        }
        if (bytes == 0) {
            return 0;
        }
        long nowNs = System.nanoTime();
        int end = received.position();
        int at = 0;
        while (end - at >= REPLY) {
            int slot = slotOf(at);
            int length = REPLY + (slot == flushSlot ? 0 : readBytes);
            if (end - at < length) {
                break;
            }
            finish(slot, at + REPLY, nowNs);
            at += length;
        }
        received.limit(end).position(at);
        received.compact().limit(receiveLimit());
        return bytes;
    }

    private int slotOf(int at) throws LoadException {
        long cookie = received.getLong(at + 8);
        if (received.getInt(at) != REPLY_MAGIC || cookie < 0 || cookie > flushSlot) {
            throw new LoadException("the server's replies are out of step");
        }
        int error = received.getInt(at + 4);
        if (error != 0) {
            throw new LoadException("the server answers with error " + error);
        }
        return (int) cookie;
    }

    private void finish(int slot, int dataIndex, long nowNs) throws LoadException {
        if (slot == flushSlot) {
            flushing = false;
            if (workload.flushEvery() > 0 && groupIssued > 0) {
                generator.groupDone(nowNs - groupStartNs);
                groupIssued = 0;
            }
            return;
        }
        int length = workload.requestBytes();
        if (!workload.reads()) {
            ledger.end(writes[slot], offsets[slot], length);
        } else if (!ledger.matchesAtFirstSight(received, dataIndex, offsets[slot], length)) {
            throw new LoadException(
                    "a read at offset " + offsets[slot] + " returned wrong content");
        }
        generator.requestDone(nowNs - startsNs[slot], nowNs);
        free[freeCount++] = slot;
    }

    /** Says goodbye and closes. */
    @Override
    public void close() throws IOException {
        try (channel) {
            if (isQuiet()) {
                enqueue(flushSlot, (short) 0, DISC, 0, 0);
                send();
            }
        }
    }
}
