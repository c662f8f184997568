package io.tidemark.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two connections of one client, one of which it closes with requests still in the socket. What it
 * sends again on the other, and what it writes after that, must not be overwritten by them.
 */
class SiblingEndTest {
    private static final int BLOCK = 4096;
    private static final int LARGE = 1 << 20;
    private static final int OLD = 1;
    private static final int NEW = 5;

    @TempDir static Path directory;

    static Stream<SocketAddress> addresses() {
        return Stream.of(loopback(), UnixDomainSocketAddress.of(directory.resolve("nbd")));
    }

    private static SocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static TestServer start(SocketAddress listen, HangupPoll hangups) throws IOException {
        return new TestServer(16 << 20, listen, config -> config, hangups);
    }

    private static byte[] block(int value) {
        byte[] block = new byte[BLOCK];
        Arrays.fill(block, (byte) value);
        return block;
    }

    private static void add(ByteArrayOutputStream queue, long offset, byte[] data)
            throws IOException {
        String range = TestClient.u64(offset) + TestClient.u32(data.length);
        queue.write(TestClient.hex("2560951300000001" + TestClient.u64(9) + range));
        queue.write(data);
    }

    private static void addDisconnect(ByteArrayOutputStream queue) throws IOException {
        queue.write(TestClient.hex("2560951300000002" + "00".repeat(20)));
    }

    /** A large write, the old block, and more than a receive buffer holds. */
    private static byte[] oldQueue() throws IOException {
        ByteArrayOutputStream queue = new ByteArrayOutputStream();
        add(queue, 8 << 20, new byte[LARGE]);
        add(queue, 0, block(OLD));
        for (int i = 0; i < 70; i++) {
            add(queue, 4 << 20, block(OLD));
        }
        return queue.toByteArray();
    }

    /** Until the old connection's buffer is full behind a request that the device refuses. */
    private static void stick(TestServer server, TestClient old) throws IOException {
        server.device.largestTaken = LARGE - 1;
        old.send(oldQueue());
        server.until("the device was asked", () -> server.device.refusals > 0);
        server.cycles(4);
    }

    @ParameterizedTest
    @MethodSource("addresses")
    void whatADeadSiblingLeftBehindDoesNotComeBack(SocketAddress listen) throws IOException {
        try (TestServer server = start(listen, HangupPoll.open(256));
                TestClient old = server.connect().go();
                TestClient sibling = server.connect().go()) {
            server.settle();
            stick(server, old);
            old.hangUp();
            sibling.write(1, 0, block(OLD));
            sibling.expectReply(1, NbdErrors.NONE);
            sibling.write(2, 0, block(NEW));
            sibling.expectReply(2, NbdErrors.NONE);
            server.device.largestTaken = Long.MAX_VALUE;
            server.until("the old one ends", () -> server.server.connections() == 1);
            assertThat(server.device.content[0]).isEqualTo((byte) NEW);
            assertThat(server.device.taken).containsExactly("WRITE 0+4096", "WRITE 0+4096");
        }
    }

    /** As a client does it that was answered nothing for long: nothing is refused here. */
    @Test
    void anEndBehindALargePayloadIsSeenWhileThatIsReceived() throws IOException {
        try (TestServer server = start(loopback(), HangupPoll.open(256));
                TestClient old = server.connect().go();
                TestClient sibling = server.connect().go()) {
            server.settle();
            ByteArrayOutputStream queue = new ByteArrayOutputStream();
            add(queue, 8 << 20, new byte[5 << 20]);
            add(queue, 0, block(OLD));
            for (int i = 0; i < 3; i++) {
                add(queue, 4 << 20, new byte[128 << 10]);
            }
            old.send(queue.toByteArray());
            old.hangUp();
            sibling.write(1, 0, block(OLD));
            sibling.expectReply(1, NbdErrors.NONE);
            sibling.write(2, 0, block(NEW));
            sibling.expectReply(2, NbdErrors.NONE);
            server.until("the old one ends", () -> server.server.connections() == 1);
            assertThat(server.device.content[0]).isEqualTo((byte) NEW);
        }
    }

    @ParameterizedTest
    @MethodSource("addresses")
    void aLivingSiblingThatIsStuckDelaysNobody(SocketAddress listen) throws IOException {
        HangupPoll hangups = HangupPoll.open(256);
        try (TestServer server = start(listen, hangups);
                TestClient stuck = server.connect().go();
                TestClient sibling = server.connect().go()) {
            server.settle();
            stick(server, stuck);
            for (int i = 0; i < 10; i++) {
                sibling.write(i, 0, block(NEW));
                sibling.expectReply(i, NbdErrors.NONE);
            }
            assertThat(hangups.calls()).isPositive();
            server.device.largestTaken = Long.MAX_VALUE;
            for (int i = 0; i < 72; i++) {
                stuck.expectReply(9, NbdErrors.NONE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("addresses")
    void whatCameBeforeADiscIsKeptThoughTheBufferIsFull(SocketAddress listen) throws IOException {
        try (TestServer server = start(listen, HangupPoll.open(256));
                TestClient leaving = server.connect().go();
                TestClient sibling = server.connect().go()) {
            server.settle();
            ByteArrayOutputStream queue = new ByteArrayOutputStream();
            add(queue, 8 << 20, new byte[LARGE]);
            for (int i = 0; i < 63; i++) {
                add(queue, (long) i * BLOCK, block(7));
            }
            add(queue, 63 * BLOCK, new byte[LARGE + BufferBudgets.RECEIVE - queue.size() - 28]);
            addDisconnect(queue);
            assertThat(queue.size()).isEqualTo(28 + LARGE + BufferBudgets.RECEIVE);
            server.device.largestTaken = LARGE - 1;
            leaving.send(queue.toByteArray());
            server.until("the device was asked", () -> server.device.refusals > 0);
            leaving.hangUp();
            server.cycles(4);
            sibling.write(1, 15 << 20, block(NEW));
            sibling.expectReply(1, NbdErrors.NONE);
            server.device.largestTaken = Long.MAX_VALUE;
            server.until("the leaving one ends", () -> server.server.connections() == 1);
            assertThat(server.device.taken).hasSize(1 + 1 + 63 + 1);
            assertThat(server.device.content[62 * BLOCK]).isEqualTo((byte) 7);
        }
    }

    @Test
    void whatCameBeforeADiscIsKeptThoughThePayloadTakesSeveralCycles() throws IOException {
        try (TestServer server = start(loopback(), HangupPoll.open(256));
                TestClient leaving = server.connect().go();
                TestClient sibling = server.connect().go()) {
            server.settle();
            ByteArrayOutputStream queue = new ByteArrayOutputStream();
            add(queue, 8 << 20, new byte[5 << 20]);
            add(queue, 0, block(7));
            addDisconnect(queue);
            leaving.send(queue.toByteArray());
            leaving.hangUp();
            sibling.write(1, 15 << 20, block(NEW));
            sibling.expectReply(1, NbdErrors.NONE);
            server.until("the leaving one ends", () -> server.server.connections() == 1);
            assertThat(server.device.taken).hasSize(3);
            assertThat(server.device.content[0]).isEqualTo((byte) 7);
        }
    }

    /** An older connection whose host is gone looks like one that just says nothing more. */
    @Test
    void aWriteThatWaitsForSpaceIsNotOvertakenByANewConnectionThoughItsReadsGoOn()
            throws IOException {
        try (TestServer server = start(loopback(), HangupPoll.open(256))) {
            for (int round = 0; round < 8; round++) {
                try (TestClient older = server.connect().go()) {
                    int refusals = server.device.refusals;
                    server.device.largestTaken = BLOCK - 1;
                    older.write(1, 0, block(OLD));
                    server.until("the write waits", () -> server.device.refusals > refusals);
                    try (TestClient newer = server.connect().go()) {
                        newer.request("0000", 2, 0, 512);
                        newer.expectReply(2, NbdErrors.NONE);
                        newer.receive(512);
                        newer.write(3, 0, block(NEW));
                        server.cycles(4 + round);
                        server.device.largestTaken = Long.MAX_VALUE;
                        older.expectReply(1, NbdErrors.NONE);
                        newer.expectReply(3, NbdErrors.NONE);
                        assertThat(server.device.content[0]).isEqualTo((byte) NEW);
                    }
                }
            }
        }
    }

    /** It waits for the older one, which waits for it: the end must be read nevertheless. */
    @Test
    void aNewSiblingThatEndsBehindTheFenceHoldsNobodyForLong() throws IOException {
        try (TestServer server = start(loopback(), HangupPoll.open(256));
                TestClient older = server.connect().go()) {
            stick(server, older);
            TestClient newer = server.connect().go();
            newer.send(oldQueue());
            newer.hangUp();
            server.until("the new one ends", () -> server.server.connections() == 1);
            server.device.largestTaken = Long.MAX_VALUE;
            for (int i = 0; i < 72; i++) {
                older.expectReply(9, NbdErrors.NONE);
            }
            assertThat(server.device.taken).hasSize(72);
        }
    }

    @Test
    void theKernelIsNotAskedWhereSocketsAreReadEmptyOrNotShared() throws IOException {
        HangupPoll hangups = HangupPoll.open(256);
        try (TestServer server = start(loopback(), hangups);
                TestClient alone = server.connect().go()) {
            stick(server, alone);
            server.device.largestTaken = Long.MAX_VALUE;
            for (int i = 0; i < 72; i++) {
                alone.expectReply(9, NbdErrors.NONE);
            }
            try (TestClient sibling = server.connect().go()) {
                for (int i = 0; i < 20; i++) {
                    TestClient client = i % 2 == 0 ? alone : sibling;
                    client.write(i, 0, block(NEW));
                    client.expectReply(i, NbdErrors.NONE);
                }
            }
        }
        assertThat(hangups.calls()).isZero();
    }

    @Test
    void withoutTheKernelsWordTheSiblingWaitsForTheSocketToBeEmpty() throws IOException {
        try (TestServer server = start(loopback(), HangupPoll.unavailable());
                TestClient old = server.connect().go();
                TestClient sibling = server.connect().go()) {
            server.settle();
            stick(server, old);
            old.hangUp();
            sibling.write(1, 0, block(OLD));
            sibling.write(2, 0, block(NEW));
            sibling.expectNothing();
            server.device.largestTaken = Long.MAX_VALUE;
            sibling.expectReply(1, NbdErrors.NONE);
            sibling.expectReply(2, NbdErrors.NONE);
            server.until("the old one ends", () -> server.server.connections() == 1);
            assertThat(server.device.content[0]).isEqualTo((byte) NEW);
        }
    }

    @Test
    void withoutTheKernelsWordABusySiblingLetsOthersThroughNowAndThen() throws IOException {
        try (TestServer server = start(loopback(), HangupPoll.unavailable());
                TestClient busy = server.connect().go();
                TestClient sibling = server.connect().go()) {
            server.settle();
            byte[] queue = oldQueue();
            sibling.write(1, 0, block(NEW));
            for (int i = 0; i < 40; i++) {
                busy.send(queue);
                for (int j = 0; j < 72; j++) {
                    busy.expectReply(9, NbdErrors.NONE);
                }
            }
            sibling.expectReply(1, NbdErrors.NONE);
        }
    }
}
