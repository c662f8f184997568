package io.tidemark.perf.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LoadGeneratorTest {
    private static final int SIZE = 16 << 20;
    private static final long NO_TIME_LIMIT = Long.MAX_VALUE / 2;

    private final Ledger ledger = new Ledger(SIZE);
    private MemoryServer server;

    @BeforeEach
    void start() throws IOException {
        server = new MemoryServer(SIZE);
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        server.close();
    }

    private LoadResult run(Workload workload, int connections, long requests) throws IOException {
        return new LoadGenerator(server.address(), "", workload, ledger, connections, 7)
                .run(NO_TIME_LIMIT, requests);
    }

    private static Workload standard(String name) {
        return Workload.STANDARD.stream()
                .filter(w -> w.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyWorkloadRunsToItsCountAndLeavesWhatTheLedgerSays() throws IOException {
        for (Workload workload : Workload.STANDARD) {
            LoadResult result = run(workload, 1, 320);
            assertThat(result.requests()).as(workload.name()).isEqualTo(320);
            assertThat(result.latencies().getTotalCount())
                    .as(workload.name())
                    .isEqualTo(workload.flushEvery() == 0 ? 320 : 320 / workload.flushEvery());
            assertThat(result.elapsedNs()).isPositive();
        }
        Verifier.verify(server.address(), "", ledger);
    }

    @Test
    void severalConnectionsShareTheDevice() throws IOException {
        for (String name : List.of("W2", "W4", "W6", "W7")) {
            Workload workload = standard(name).inFlight(2);
            assertThat(run(workload, 3, 300).requests()).as(name).isBetween(300L, 300L + 3 * 32);
        }
        Verifier.verify(server.address(), "", ledger);
    }

    @Test
    void flushesAndFuaReachTheServer() throws IOException {
        run(standard("W3"), 1, 10);
        assertThat(server.flushes).hasValue(10 + 1);
        run(standard("W3F"), 1, 10);
        assertThat(server.fuas).hasValue(10);
        run(standard("W4"), 1, 64);
        assertThat(server.flushes).hasValue(11 + 1 + 2 + 1);
    }

    @Test
    void timeEndsARun() throws IOException {
        LoadResult result =
                new LoadGenerator(server.address(), "", standard("W1"), ledger, 1, 7)
                        .run(50_000_000, Long.MAX_VALUE);
        assertThat(result.requests()).isPositive();
        assertThat(result.elapsedNs()).isGreaterThan(25_000_000);
    }

    @Test
    void aLostWriteIsFound() throws IOException {
        run(Workload.FILL, 1, SIZE / Workload.FILL.requestBytes());
        server.loseWrite.set(5);
        run(standard("W1"), 1, 20);
        assertThatThrownBy(() -> Verifier.verify(server.address(), "", ledger))
                .isInstanceOf(LoadException.class)
                .hasMessageContaining("wrong content at offset");
        assertThatThrownBy(() -> run(standard("W7"), 1, 16)).hasMessageContaining("wrong content");
    }
}
