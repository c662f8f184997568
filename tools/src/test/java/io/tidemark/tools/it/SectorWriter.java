package io.tidemark.tools.it;

import io.tidemark.tools.client.NbdClient;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Writes test sectors at random places of its ledger over a connection of its own, one request at a
 * time, until the connection breaks or it is told to stop. One thread per connection; the ledger
 * and the numbers go on with the next.
 */
final class SectorWriter {
    /** So that a replica which is behind can catch up on two cores that share one disk. */
    private static final long SLOW_NS = 5_000_000;

    private static final int SMALL_SECTORS = 128;

    /** More than fits in one entry, several times. */
    private static final int LARGE_SECTORS = 2048;

    private final TestSector test;
    private final SectorLedger ledger;
    private final SplittableRandom random;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(LARGE_SECTORS * TestSector.BYTES);
    private long sequence;
    private volatile long pauseNs;
    private volatile boolean stopped;
    private volatile @Nullable NbdClient client;
    private volatile @Nullable Thread thread;

    SectorWriter(TestSector test, SectorLedger ledger) {
        this.test = test;
        this.ledger = ledger;
        this.random = new SplittableRandom(test.run() + ledger.writer());
    }

    SectorLedger ledger() {
        return ledger;
    }

    /** From now on it pauses after each request, or not. */
    void slowly(boolean whether) {
        pauseNs = whether ? SLOW_NS : 0;
    }

    /** Begins on a new connection. */
    void start(SocketAddress server) throws IOException {
        stopped = false;
        NbdClient connected = NbdClient.connect(server, Cluster.R0);
        client = connected;
        thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("writer-" + ledger.writer())
                        .start(() -> run(connected));
    }

    private void run(NbdClient connected) {
        try (connected) {
            while (!stopped) {
                request(connected);
                LockSupport.parkNanos(pauseNs);
            }
        } catch (IOException gone) {
            // What became of the last request is found out later.
        }
    }

    private void request(NbdClient connected) throws IOException {
        int most = random.nextInt(16) == 0 ? LARGE_SECTORS : SMALL_SECTORS;
        int count = 1 + random.nextInt(most);
        int first = random.nextInt(ledger.sectors() - count + 1);
        long offset = ledger.number(first) * TestSector.BYTES;
        switch (random.nextInt(24)) {
            case 0 -> {
                ledger.sent(first, count, 0);
                connected.writeZeroes(offset, count * TestSector.BYTES);
            }
            case 1 -> {
                ledger.sent(first, count, 0);
                connected.trim(offset, count * TestSector.BYTES);
            }
            case 2 -> {
                connected.flush();
                return;
            }
            default -> {
                sequence++;
                buffer.clear();
                for (int sector = first; sector < first + count; sector++) {
                    test.put(buffer, ledger.writer(), sequence, ledger.number(sector));
                }
                ledger.sent(first, count, sequence);
                connected.write(offset, buffer.flip(), random.nextInt(12) == 0);
            }
        }
        ledger.answered();
    }

    boolean running() {
        return Objects.requireNonNull(thread, "started").isAlive();
    }

    /** Ends after the request in flight; returns when it has. */
    void stop() throws InterruptedException {
        stopped = true;
        join();
    }

    /** Breaks the connection without goodbye, whatever is in flight. */
    void abort() throws IOException, InterruptedException {
        Objects.requireNonNull(client, "started").abort();
        join();
    }

    private void join() throws InterruptedException {
        if (!Objects.requireNonNull(thread, "started").join(Cluster.LIMIT)) {
            throw new AssertionError("writer " + ledger.writer() + " waits for a reply for ever");
        }
    }
}
