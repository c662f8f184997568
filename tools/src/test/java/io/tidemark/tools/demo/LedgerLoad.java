package io.tidemark.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The demo's load for tests of whole nodes: several writers of blocks that say what they are, with
 * ledgers of what was acknowledged.
 */
public final class LedgerLoad implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Load load;

    /**
     * Starts the writers on {@code r0}.
     *
     * @param from start of their area in bytes
     * @param to its end
     */
    public LedgerLoad(SocketAddress server, long from, long to) {
        long run = Long.getLong("tidemark.seed", ThreadLocalRandom.current().nextLong());
        System.out.println("ledger load: -Dtidemark.seed=" + run);
        load = new Load(server, from, to, run);
    }

    /** Returns once so many more requests were answered than when it was called. */
    public LedgerLoad awaitMore(long requests) throws InterruptedException {
        load.await(load.acknowledged() + requests, Duration.ZERO, LIMIT);
        return this;
    }

    /** Ends the load in peace, every request answered. */
    public LedgerLoad stop() throws InterruptedException {
        load.close();
        load.awaitEnd();
        return this;
    }

    /** Returns once all writers have lost their connections. */
    public LedgerLoad awaitEnd() throws InterruptedException {
        load.awaitEnd();
        return this;
    }

    /**
     * Everything that was acknowledged is in this copy of the volume, and no request is there in
     * part.
     */
    public void verify(Path copy) throws IOException {
        BlockLedger.Verdict verdict = load.verify(copy);
        System.out.println("ledger: " + verdict);
        assertThat(verdict.acknowledged()).isPositive();
        assertThat(verdict)
                .matches(
                        BlockLedger.Verdict::good,
                        "everything acknowledged is there, nothing in part");
    }

    @Override
    public void close() {
        load.close();
    }
}
