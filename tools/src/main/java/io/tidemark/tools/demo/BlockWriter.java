package io.tidemark.tools.demo;

import io.tidemark.tools.client.NbdClient;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes test blocks at random places of its ledger over a connection of its own, one request at a
 * time, until the connection breaks or it is told to stop. One thread; {@link #stop} and the
 * counter are for others.
 */
final class BlockWriter implements Runnable {
    private static final int MAX_BLOCKS = 32;
    private static final int FUA_ONE_IN = 16;
    private static final int FLUSH_ONE_IN = 32;

    private final SocketAddress server;
    private final TestBlock test;
    private final BlockLedger ledger;
    private final AtomicLong acknowledged;
    private final SplittableRandom random;
    private volatile boolean stopped;
    private volatile String end = "";

    /**
     * Prepares a writer.
     *
     * @param acknowledged counts the answered requests of all writers
     */
    BlockWriter(
            final SocketAddress server,
            final TestBlock test,
            final BlockLedger ledger,
            final AtomicLong acknowledged) {
        this.server = server;
        this.test = test;
        this.ledger = ledger;
        this.acknowledged = acknowledged;
        this.random = new SplittableRandom(test.run() ^ ledger.number(0));
    }

    @Override
    public void run() {
        try (NbdClient client = NbdClient.connect(server, DemoFiles.RESOURCE)) {
            final ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_BLOCKS * TestBlock.BYTES);
            for (long generation = 1; !stopped; generation++) {
                write(client, buffer.clear(), generation);
                if (random.nextInt(FLUSH_ONE_IN) == 0) {
                    client.flush();
                }
            }
        } catch (final IOException e) {
            end = String.valueOf(e.getMessage());
        }
    }

    private void write(final NbdClient client, final ByteBuffer buffer, final long generation)
            throws IOException {
        final int count = 1 + random.nextInt(MAX_BLOCKS);
        final int first = random.nextInt(ledger.blocks() - count + 1);
        for (int block = first; block < first + count; block++) {
            test.put(buffer, ledger.number(block), generation);
        }
        ledger.sent(new BlockLedger.Request(first, count, generation));
        client.write(
                ledger.number(first) * TestBlock.BYTES,
                buffer.flip(),
                random.nextInt(FUA_ONE_IN) == 0);
        ledger.answered();
        acknowledged.incrementAndGet();
    }

    void stop() {
        stopped = true;
    }

    /** Why it ended, empty while it runs or if it was stopped. */
    String end() {
        return end;
    }

    BlockLedger ledger() {
        return ledger;
    }
}
