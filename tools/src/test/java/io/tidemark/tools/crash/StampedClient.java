package io.tidemark.tools.crash;

import io.tidemark.tools.client.NbdClient;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that sends random requests, one at a time, and notes when each was sent and answered.
 * Most of them go to a small part of the volume that all clients share. When its connection is lost
 * it makes a new one, which counts as another connection; what was under way then may have happened
 * or not. One thread.
 */
final class StampedClient implements Runnable {
    private static final int MAX_BYTES = 3 << 19;
    private static final int PERCENT = 100;
    private static final int WRITE = PERCENT - 1;
    private static final long PAUSE_NS = 25_000_000L;
    private static final long RETRY_NS = 20_000_000L;

    private final SocketAddress server;
    private final History history;
    private final long volumeBytes;
    private final long hotBytes;
    private final SplittableRandom random;
    private final ByteBuffer payload = ByteBuffer.allocateDirect(MAX_BYTES);
    private volatile long goal;
    private volatile boolean stopped;

    /**
     * @param hotBytes length of the part of the volume that most requests go to
     */
    StampedClient(
            SocketAddress server, History history, long volumeBytes, long hotBytes, long seed) {
        this.server = server;
        this.history = history;
        this.volumeBytes = volumeBytes;
        this.hotBytes = hotBytes;
        this.random = new SplittableRandom(seed);
    }

    /** Until so many requests of all clients are answered it goes on fast, then slowly. */
    void hurry(long answered) {
        goal = answered;
    }

    /** Asks it to end after the request that is under way. */
    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        while (!stopped) {
            try (NbdClient client = NbdClient.connect(server, "r0")) {
                int writer = history.connect();
                // Begins with a write, which names the connection in the log.
                request(client, writer, WRITE);
                while (!stopped) {
                    if (history.answered() >= goal) {
                        LockSupport.parkNanos(PAUSE_NS);
                    }
                    request(client, writer, random.nextInt(PERCENT));
                }
            } catch (IOException lost) {
                LockSupport.parkNanos(RETRY_NS);
            }
        }
    }

    private void request(NbdClient client, int writer, int choice) throws IOException {
        if (choice < 10) {
            Request flush = history.send(writer, Request.Kind.FLUSH, 0, 0, false);
            client.flush();
            history.answer(flush);
            return;
        }
        int length = length();
        long sectors = (random.nextInt(4) == 0 ? volumeBytes : hotBytes) / Stamp.BYTES;
        long most = Math.max(1, sectors - length / Stamp.BYTES + 1);
        long offset = Math.min(random.nextLong(most), volumeBytes / Stamp.BYTES) * Stamp.BYTES;
        length = (int) Math.min(length, volumeBytes - offset);
        Request.Kind kind =
                choice < 16
                        ? Request.Kind.TRIM
                        : choice < 22 ? Request.Kind.ZEROES : Request.Kind.WRITE;
        boolean fua = kind == Request.Kind.WRITE && random.nextInt(8) == 0;
        Request request = history.send(writer, kind, offset, length, fua);
        switch (kind) {
            case TRIM -> client.trim(offset, length);
            case ZEROES -> client.writeZeroes(offset, length);
            case WRITE -> client.write(offset, stamped(request), fua);
            case FLUSH -> throw new AssertionError("sent above");
        }
        history.answer(request);
    }

    private ByteBuffer stamped(Request request) {
        payload.clear();
        long first = request.offset() / Stamp.BYTES;
        for (long i = 0; i < request.length() / Stamp.BYTES; i++) {
            new Stamp(request.writer(), request.number(), first + i).write(payload);
        }
        return payload.flip();
    }

    /** Mostly small; some take many entries of the log. */
    private int length() {
        int choice = random.nextInt(100);
        int most =
                choice < 60
                        ? 8 << 10
                        : choice < 94 ? 64 << 10 : choice < 99 ? 256 << 10 : MAX_BYTES;
        return (1 + random.nextInt(most / Stamp.BYTES)) * Stamp.BYTES;
    }
}
