package io.tidemark.perf.load;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Runs one workload against one server on the caller's thread. With one connection the socket
 * blocks, which costs two system calls per round trip; with several all are non-blocking behind one
 * selector.
 *
 * <p>One instance per run.
 */
public final class LoadGenerator {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final long LONGEST_LATENCY_NS = 120_000_000_000L;
    private static final long STALL_MS = 60_000;

    private final SocketAddress server;
    private final String export;
    private final Workload workload;
    private final Ledger ledger;
    private final int connections;
    private final Histogram latencies = new Histogram(LONGEST_LATENCY_NS, 3);
    private final long positions;
    private long random;
    private long sequential;
    private long deadlineNs;
    private long maxRequests;
    private long issued;
    private long answered;
    private long lastReplyNs;

    /**
     * @param connections at least 1; each keeps the workload's number of requests in flight
     * @param seed of the random offsets
     */
    public LoadGenerator(
            SocketAddress server,
            String export,
            Workload workload,
            Ledger ledger,
            int connections,
            long seed) {
        this.server = server;
        this.export = export;
        this.workload = workload;
        this.ledger = ledger;
        this.connections = connections;
        positions = ledger.areaBytes() / workload.requestBytes();
        random = seed * 2 + 1;
        if (connections < 1 || positions < 2L * connections * workload.inFlight()) {
            throw new IllegalArgumentException(
                    "too many requests in flight for " + ledger.areaBytes() + " bytes");
        }
    }

    /**
     * Runs until the time is over or the requests are used up, whichever comes first, then waits
     * for all replies and sends a FLUSH if the workload wrote.
     *
     * @param maxNs nanoseconds
     * @param maxRequestCount requests, a FLUSH not counted; groups that end in a FLUSH are finished
     */
    public LoadResult run(long maxNs, long maxRequestCount) throws IOException {
        maxRequests = maxRequestCount;
        List<LoadConnection> open = new ArrayList<>();
        try (Selector selector = connections == 1 ? null : Selector.open()) {
            for (int i = 0; i < connections; i++) {
                LoadConnection connection =
                        new LoadConnection(this, server, export, workload, ledger);
                open.add(connection);
                if (selector != null) {
                    connection.channel.configureBlocking(false);
                    connection.channel.register(selector, SelectionKey.OP_READ);
                }
            }
            long cpuNs = THREADS.getCurrentThreadCpuTime();
            long startNs = System.nanoTime();
            deadlineNs = startNs + maxNs;
            lastReplyNs = startNs;
            pump(open, selector);
            long elapsedNs = lastReplyNs - startNs;
            cpuNs = THREADS.getCurrentThreadCpuTime() - cpuNs;
            if (!workload.reads()) {
                open.getFirst().flush();
                pump(open, selector);
                elapsedNs = workload.timedFlush() ? System.nanoTime() - startNs : elapsedNs;
            }
            return new LoadResult(workload, answered, elapsedNs, cpuNs, latencies);
        } finally {
            for (LoadConnection connection : open) {
                connection.close();
            }
        }
    }

    /** Until nothing may be issued and everything is answered. */
    private void pump(List<LoadConnection> open, @Nullable Selector selector) throws IOException {
        while (true) {
            long nowNs = System.nanoTime();
            long work = 0;
            boolean quiet = true;
            for (int i = 0; i < open.size(); i++) {
                LoadConnection connection = open.get(i);
                work += connection.issue(nowNs);
                work += connection.send();
                if (connection.isQuiet()) {
                    continue;
                }
                quiet = false;
                work += connection.receive();
            }
            if (quiet) {
                return;
            }
            if (work == 0 && selector != null) {
                await(open, selector);
            }
        }
    }

    private static void await(List<LoadConnection> open, Selector selector) throws IOException {
        for (int i = 0; i < open.size(); i++) {
            LoadConnection connection = open.get(i);
            SelectionKey key = connection.channel.keyFor(selector);
            int wanted =
                    SelectionKey.OP_READ | (connection.hasUnsent() ? SelectionKey.OP_WRITE : 0);
            if (key != null && key.interestOps() != wanted) {
                key.interestOps(wanted);
            }
        }
        if (selector.select(key -> {}, STALL_MS) == 0) {
            throw new LoadException("no reply for " + STALL_MS / 1000 + " s");
        }
    }

    boolean mayIssue(long nowNs) {
        return issued < maxRequests && nowNs - deadlineNs < 0;
    }

    /** Offset of the next request, in bytes; for a write one that no request in flight touches. */
    long nextOffset() {
        issued++;
        int length = workload.requestBytes();
        if (!workload.random()) {
            long offset = sequential;
            sequential = (sequential + length) % (positions * length);
            return offset;
        }
        while (true) {
            // xorshift64: two more multiplications would not make the load more random.
            random ^= random << 13;
            random ^= random >>> 7;
            random ^= random << 17;
            long offset = (random >>> 1) % positions * length;
            if (workload.reads() || ledger.isFree(offset, length)) {
                return offset;
            }
        }
    }

    void requestDone(long latencyNs, long nowNs) {
        answered++;
        lastReplyNs = nowNs;
        if (workload.flushEvery() == 0) {
            latencies.recordValue(Math.min(latencyNs, LONGEST_LATENCY_NS));
        }
    }

    void groupDone(long latencyNs) {
        lastReplyNs = System.nanoTime();
        latencies.recordValue(Math.min(latencyNs, LONGEST_LATENCY_NS));
    }
}
