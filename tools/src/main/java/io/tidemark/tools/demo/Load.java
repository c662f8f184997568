package io.tidemark.tools.demo;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Several writers at once, each with a part of the volume of its own. */
final class Load implements AutoCloseable {
    private static final int WRITERS = 4;
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration END_TIMEOUT = Duration.ofSeconds(30);

    private final TestBlock test;
    private final List<BlockWriter> writers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong acknowledged = new AtomicLong();

    /**
     * Starts the writers.
     *
     * @param from start of their area in bytes
     * @param to its end
     */
    Load(final SocketAddress server, final long from, final long to, final long run) {
        test = new TestBlock(run);
        final int blocks = (int) ((to - from) / TestBlock.BYTES / WRITERS);
        for (int i = 0; i < WRITERS; i++) {
            final BlockLedger ledger =
                    new BlockLedger(from / TestBlock.BYTES + (long) i * blocks, blocks);
            final BlockWriter writer = new BlockWriter(server, test, ledger, acknowledged);
            writers.add(writer);
            threads.add(Thread.ofPlatform().daemon().name("writer-" + i).start(writer));
        }
    }

    /** Blocks until so many requests are answered and so much time has passed. */
    void await(final long requests, final Duration atLeast, final Duration atMost)
            throws InterruptedException {
        final long start = System.nanoTime();
        while (System.nanoTime() - start < atLeast.toNanos() || acknowledged.get() < requests) {
            for (final BlockWriter writer : writers) {
                if (!writer.end().isEmpty()) {
                    throw new DemoException("a writer failed: " + writer.end());
                }
            }
            if (System.nanoTime() - start > atMost.toNanos()) {
                throw new DemoException(
                        "only %d of %d writes were answered within %d s"
                                .formatted(acknowledged.get(), requests, atMost.toSeconds()));
            }
            Thread.sleep(POLL);
        }
    }

    long acknowledged() {
        return acknowledged.get();
    }

    /** Blocks until all writers have ended by themselves, as they do when the server is gone. */
    void awaitEnd() throws InterruptedException {
        for (final Thread thread : threads) {
            if (!thread.join(END_TIMEOUT)) {
                throw new DemoException("a writer still waits although the primary is gone");
            }
        }
    }

    /** Compares every block of every writer with a copy of the volume; only after the end. */
    BlockLedger.Verdict verify(final Path copy) throws IOException {
        BlockLedger.Verdict verdict = BlockLedger.Verdict.NONE;
        try (FileChannel channel = FileChannel.open(copy)) {
            for (final BlockWriter writer : writers) {
                verdict = verdict.plus(writer.ledger().verify(channel, test));
            }
        }
        return verdict;
    }

    @Override
    public void close() {
        writers.forEach(BlockWriter::stop);
    }
}
