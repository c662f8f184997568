package io.tidemark.nbd;

import static io.tidemark.nbd.TestClient.FLUSH;
import static io.tidemark.nbd.TestClient.READ;
import static io.tidemark.nbd.TestClient.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that want more memory than there is, by accident or on purpose. */
class BudgetTest {
    private static final int MIB = 1 << 20;
    private static final int LARGE = 4 * MIB;
    private static final long BUDGET = 10 * MIB;
    private static final long STALL_NS = 10_000_000_000L;

    private final List<TestClient> clients = new ArrayList<>();
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server =
                new TestServer(
                        8 * MIB,
                        config ->
                                Limits.of(config)
                                        .request(LARGE)
                                        .payload(BUDGET)
                                        .read(BUDGET)
                                        .outstanding(64)
                                        .build());
    }

    @AfterEach
    void stop() throws IOException {
        for (TestClient client : clients) {
            client.close();
        }
        server.close();
    }

    private TestClient connect() throws IOException {
        TestClient client = server.connect().go();
        clients.add(client);
        return client;
    }

    private TestClient stalledInPayload() throws IOException {
        TestClient client = connect();
        client.request(WRITE, 1, 0, LARGE);
        client.sendWhatFits(new byte[LARGE - 1]);
        server.settle();
        return client;
    }

    private int connections() {
        return server.server.connections();
    }

    @Test
    void payloadsThatDoNotFitTogetherAreReceivedOneAfterTheOther() throws IOException {
        List<ByteBuffer> rests = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            connect().request(WRITE, i, 0, LARGE);
            rests.add(ByteBuffer.allocate(LARGE));
        }
        server.until("all are sent", () -> sendSome(rests));
        for (int i = 0; i < 6; i++) {
            clients.get(i).expectReply(i, NbdErrors.NONE);
        }
        assertThat(server.device.taken).hasSize(6);
    }

    private boolean sendSome(List<ByteBuffer> rests) {
        boolean all = true;
        for (int i = 0; i < rests.size(); i++) {
            try {
                clients.get(i).channel.write(rests.get(i));
            } catch (IOException e) {
                throw new AssertionError("client " + i, e);
            }
            all &= !rests.get(i).hasRemaining();
        }
        return all;
    }

    @Test
    void stalledPayloadsAreClosedWhenOthersWaitAndOnlyThen() throws IOException {
        stalledInPayload();
        stalledInPayload();
        server.nowNs += 3 * STALL_NS;
        server.settle();
        assertThat(connections()).as("nobody waits").isEqualTo(2);

        TestClient good = connect();
        good.write(7, 0, new byte[LARGE]);
        good.expectReply(7, NbdErrors.NONE);
        assertThat(connections()).isEqualTo(1);
    }

    @Test
    void aStalledPayloadHasItsTimeWhileOthersWait() throws IOException {
        stalledInPayload();
        stalledInPayload();
        TestClient good = connect();
        good.request(WRITE, 7, 0, LARGE);
        int sent = good.sendWhatFits(new byte[LARGE]);
        server.settle();
        server.nowNs += STALL_NS - 1;
        good.expectNothing();
        assertThat(connections()).isEqualTo(3);
        server.nowNs += 1;
        server.until("the stalled ones are closed", () -> connections() == 1);
        good.send(new byte[LARGE - sent]);
        good.expectReply(7, NbdErrors.NONE);
    }

    @Test
    void aByteNowAndThenIsNoProgress() throws IOException {
        TestClient trickling = connect();
        trickling.request(WRITE, 1, 0, LARGE);
        trickling.sendWhatFits(new byte[3 * MIB]);
        stalledInPayload();
        TestClient good = connect();
        good.request(WRITE, 7, 0, LARGE);
        int sent = good.sendWhatFits(new byte[LARGE]);
        for (int second = 0; second < 12 && connections() > 1; second++) {
            server.nowNs += STALL_NS / 10;
            trickling.sendWhatFits(new byte[1]);
        }
        server.until("both are closed", () -> connections() == 1);
        good.send(new byte[LARGE - sent]);
        good.expectReply(7, NbdErrors.NONE);
    }

    @Test
    void smallWritesNeedNoBudget() throws IOException {
        stalledInPayload();
        stalledInPayload();
        stalledInPayload();
        TestClient small = connect();
        for (int i = 0; i < 50; i++) {
            small.write(i, 0, new byte[131_072]);
            small.expectReply(i, NbdErrors.NONE);
        }
        assertThat(connections()).isEqualTo(4);
    }

    @Test
    void announcingPayloadsCostsNothing() throws IOException {
        for (int i = 0; i < 50; i++) {
            connect().request(WRITE, 1, 0, LARGE);
        }
        server.settle();
        TestClient good = connect();
        good.write(2, 0, new byte[LARGE]);
        good.expectReply(2, NbdErrors.NONE);
    }

    @Test
    void repliesNobodyReadsStallTheirOwnClientOnly() throws IOException {
        for (int i = 0; i < 8; i++) {
            TestClient greedy = connect();
            for (int k = 0; k < 64; k++) {
                greedy.request(READ, k, 0, LARGE);
            }
        }
        server.settle();
        TestClient small = connect();
        for (int i = 0; i < 50; i++) {
            small.request(READ, i, 0, 131_072);
            small.expectReply(i, NbdErrors.NONE);
            small.receive(131_072);
        }
        assertThat(connections()).isEqualTo(9);

        TestClient large = connect();
        large.request(READ, 1, 0, LARGE);
        large.expectNothing();
        // Those who waited before it get the memory first, and lose it as they do not read either.
        while (connections() > 2) {
            server.nowNs += STALL_NS;
            server.settle();
        }
        large.expectReply(1, NbdErrors.NONE);
        large.receive(LARGE);
    }

    @Test
    void requestsInFlightOfOneConnectionAreBounded() throws IOException {
        server.device.holding = true;
        TestClient client = connect();
        for (int i = 0; i < 100; i++) {
            client.request(FLUSH, i, 0, 0);
        }
        server.until("the limit is reached", () -> server.device.held.size() == 64);
        server.settle();
        assertThat(server.device.held).hasSize(64);
        server.device.completeAll();
        server.until("the rest follows", () -> server.device.held.size() == 36);
        server.device.completeAll();
        for (int i = 0; i < 100; i++) {
            client.expectReply(i, NbdErrors.NONE);
        }
    }

    @Test
    void errorsNobodyReadsAreBoundedToo() throws IOException {
        TestClient client = connect();
        byte[] bad =
                TestClient.hex("25609513 0000 0009 0000000000000001 0000000000000000 00000000");
        ByteBuffer many = ByteBuffer.allocate(bad.length << 16);
        while (many.hasRemaining()) {
            many.put(bad);
        }
        int rounds = 0;
        while (rounds < 64 && client.sendWhatFits(many.array()) == many.capacity()) {
            rounds++;
        }
        assertThat(rounds).as("rounds until the server took no more").isLessThan(64);
        assertThat(connections()).isEqualTo(1);
        TestClient other = connect();
        other.request(FLUSH, 1, 0, 0);
        other.expectReply(1, NbdErrors.NONE);
    }

    @Test
    void aLeavingClientThatReadsNothingIsClosedInTheEnd() throws IOException {
        TestClient client = connect();
        for (int i = 0; i < 8; i++) {
            client.request(READ, i, 0, LARGE);
        }
        client.disconnect();
        server.settle();
        assertThat(connections()).isEqualTo(1);
        // The requests behind the budget are reached only if the client reads; then it leaves.
        client.expectReply(0, NbdErrors.NONE);
        client.receive(LARGE);
        for (int i = 1; i < 8; i++) {
            client.expectReply(i, NbdErrors.NONE);
            client.receive(LARGE);
        }
        client.expectClosed();
    }

    /** 200 clients that stop in a payload, 16 that never read: what it costs, by the default. */
    @Test
    void memoryUnderAttackStaysWithin256MiB() throws IOException {
        Path status = Path.of("/proc/self/status");
        assumeTrue(Files.exists(status), "needs Linux's /proc");
        try (TestServer attacked = new TestServer(33 * MIB, config -> config)) {
            long before = residentKiB(status);
            for (int i = 0; i < 16; i++) {
                TestClient greedy = attacked.connect().go();
                clients.add(greedy);
                for (int k = 0; k < 64; k++) {
                    greedy.request(READ, k, 0, 32 * MIB);
                }
            }
            byte[] part = new byte[MIB];
            for (int i = 0; i < 200; i++) {
                TestClient stalled = attacked.connect().go();
                clients.add(stalled);
                stalled.request(WRITE, 1, 0, 32 * MIB);
                stalled.channel.write(ByteBuffer.wrap(part));
                attacked.cycle();
            }
            attacked.settle();
            long grown = residentKiB(status) - before;
            assertThat(grown).as("resident growth, KiB").isLessThan(256 * 1024);
            TestClient good = attacked.connect().go();
            clients.add(good);
            good.write(1, 0, new byte[131_072]);
            good.expectReply(1, NbdErrors.NONE);
            good.request(READ, 2, 0, 131_072);
            good.expectReply(2, NbdErrors.NONE);
            good.receive(131_072);
        }
    }

    private static long residentKiB(Path status) throws IOException {
        return Files.readAllLines(status, StandardCharsets.UTF_8).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
