package io.tidemark.nbd;

import static io.tidemark.nbd.TestClient.FLUSH;
import static io.tidemark.nbd.TestClient.READ;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many requests in flight, and what becomes of them when their connection ends. */
class PipeliningTest {
    private TestServer server;
    private MemoryDevice device;
    private TestClient client;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer();
        device = server.device;
        client = server.connect().go();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    private static byte[] block(int value) {
        byte[] block = new byte[4096];
        Arrays.fill(block, (byte) value);
        return block;
    }

    private void untilHeld(int count) throws IOException {
        server.until(count + " requests at the device", () -> device.held.size() == count);
    }

    @Test
    void repliesComeInTheOrderOfCompletion() throws IOException {
        device.holding = true;
        client.write(1, 0, block(1));
        client.request(READ, 2, 0, 4096);
        client.request(FLUSH, 3, 0, 0);
        untilHeld(3);
        client.expectNothing();
        device.complete(2);
        client.expectReply(3, NbdErrors.NONE);
        device.complete(1);
        client.expectReply(2, NbdErrors.NONE);
        client.receive(4096);
        client.expectNothing();
        device.complete(0);
        client.expectReply(1, NbdErrors.NONE);
    }

    @Test
    void hundredsOfRepliesLeaveTogether() throws IOException {
        device.holding = true;
        for (int i = 0; i < 600; i++) {
            client.request(i % 3 == 0 ? READ : FLUSH, i, 0, i % 3 == 0 ? 512 : 0);
        }
        untilHeld(600);
        device.completeAll();
        for (int i = 0; i < 600; i++) {
            client.expectReply(i, NbdErrors.NONE);
            client.receive(i % 3 == 0 ? 512 : 0);
        }
    }

    @Test
    void theDeviceIsOfferedTheSameRequestUntilItTakesIt() throws IOException {
        device.refusing = true;
        client.write(1, 4096, block(7));
        client.write(2, 4096, block(8));
        server.until("the device was asked again", () -> device.refusals > 1);
        client.expectNothing();
        device.refusing = false;
        client.expectReply(1, NbdErrors.NONE);
        client.expectReply(2, NbdErrors.NONE);
        assertThat(device.taken).containsExactly("WRITE 4096+4096", "WRITE 4096+4096");
        assertThat(device.content[4096]).isEqualTo((byte) 8);
    }

    @Test
    void aRefusedLargeWriteIsOfferedUnchangedWhileMoreArrives() throws IOException {
        device.refusing = true;
        byte[] large = new byte[1 << 20];
        Arrays.fill(large, (byte) 3);
        client.write(1, 4096, large);
        client.sendWhatFits(oldWrites(300));
        server.until("the device was asked", () -> device.refusals > 1);
        device.refusing = false;
        client.expectReply(1, NbdErrors.NONE);
        byte[] written = Arrays.copyOfRange(device.content, 4096, 4096 + large.length);
        assertThat(Arrays.mismatch(large, written)).isNegative();
    }

    @Test
    void aRefusedReadKeepsItsPlace() throws IOException {
        device.content[17] = 42;
        device.refusing = true;
        client.request(READ, 1, 17, 1);
        server.until("the device was asked", () -> device.refusals > 0);
        device.refusing = false;
        client.expectReply(1, NbdErrors.NONE);
        client.expect("2a");
    }

    @Test
    void aFullDeviceKeepsOneConnectionsRequestsInOrderAndServesOthersAlike() throws IOException {
        try (TestClient other = server.connect().go()) {
            device.refusing = true;
            client.request(FLUSH, 1, 0, 0);
            other.request(FLUSH, 2, 0, 0);
            server.settle();
            device.refusing = false;
            client.expectReply(1, NbdErrors.NONE);
            other.expectReply(2, NbdErrors.NONE);
        }
    }

    @Test
    void afterDiscEverythingBeforeItIsAnswered() throws IOException {
        device.holding = true;
        client.write(1, 0, block(1));
        client.request(FLUSH, 2, 0, 0);
        client.disconnect();
        untilHeld(2);
        client.expectNothing();
        device.completeAll();
        client.expectReply(1, NbdErrors.NONE);
        client.expectReply(2, NbdErrors.NONE);
        client.expectClosed();
    }

    @Test
    void whatCameBeforeDiscIsPerformedThoughTheClientIsGone() throws IOException {
        device.refusing = true;
        client.write(1, 0, block(1));
        client.write(2, 4096, block(2));
        client.disconnect();
        client.close();
        server.settle();
        device.refusing = false;
        server.until("the connection ends", () -> server.server.connections() == 0);
        assertThat(device.taken).containsExactly("WRITE 0+4096", "WRITE 4096+4096");
    }

    @Test
    void whatCameBeforeDiscIsPerformedThoughTheClientResets() throws IOException {
        client.request(READ, 1, 0, 4096);
        server.until("the read is done", () -> device.taken.size() == 1);
        server.settle();
        client.write(2, 0, block(9));
        client.disconnect();
        client.reset();
        server.until("the connection ends", () -> server.server.connections() == 0);
        assertThat(device.content[0]).isEqualTo((byte) 9);
    }

    @Test
    void aCloseWithoutDiscDropsWhatTheDeviceHasNotTaken() throws IOException {
        client.write(1, 0, block(1));
        client.write(2, 4096, block(2));
        client.close();
        server.until("the connection ends", () -> server.server.connections() == 0);
        assertThat(device.taken).isEmpty();
        assertThat(device.content).containsOnly(0);
    }

    @Test
    void aResetDropsWhatTheDeviceHasRefusedSoFar() throws IOException {
        device.refusing = true;
        client.write(1, 0, block(1));
        server.until("the device was asked", () -> device.refusals > 0);
        client.reset();
        server.until("the connection ends", () -> server.server.connections() == 0);
        device.refusing = false;
        server.settle();
        assertThat(device.taken).isEmpty();
    }

    @Test
    void aWriteCutOffInItsPayloadLeavesNothing() throws IOException {
        for (int length : new int[] {4096, 1 << 20}) {
            TestClient cut = server.connect().go();
            cut.request(TestClient.WRITE, 1, 0, length);
            cut.send(new byte[length - 1]);
            server.settle();
            cut.close();
            server.until("it ends", () -> server.server.connections() == 1);
        }
        assertThat(device.taken).isEmpty();
    }

    @Test
    void aWriteStoppedInItsPayloadDelaysNobodyElse() throws IOException {
        try (TestClient stopped = server.connect().go()) {
            stopped.request(TestClient.WRITE, 1, 0, 1 << 20);
            stopped.send(new byte[600_000]);
            client.write(2, 0, block(1));
            client.expectReply(2, NbdErrors.NONE);
            stopped.send(new byte[(1 << 20) - 600_000]);
            stopped.expectReply(1, NbdErrors.NONE);
        }
        assertThat(device.taken).containsExactly("WRITE 0+4096", "WRITE 0+1048576");
    }

    @Test
    void lateCompletionsOfAClosedConnectionAreIgnored() throws IOException {
        device.holding = true;
        client.request(READ, 1, 0, 4096);
        client.write(2, 0, block(1));
        untilHeld(2);
        client.reset();
        server.until("the connection ends", () -> server.server.connections() == 0);
        try (TestClient next = server.connect().go()) {
            next.request(READ, 3, 0, 4096);
            untilHeld(3);
            device.completeAll();
            next.expectReply(3, NbdErrors.NONE);
            next.receive(4096);
            next.expectNothing();
        }
    }

    @Test
    void disconnectingAnExportClosesItsConnectionsWithoutReplies() throws IOException {
        MemoryDevice otherDevice = new MemoryDevice(4096);
        server.exports.add(server.new TestExport("r1/0", "", otherDevice));
        device.holding = true;
        try (TestClient other = server.connect().greet()) {
            other.option(1, TestClient.ascii("r1/0"));
            other.receive(10);
            client.write(1, 0, block(1));
            untilHeld(1);
            device.refusing = true;
            client.write(2, 4096, block(2));
            server.until("the device was asked", () -> device.refusals > 0);
            server.server.disconnect("r0/0");
            device.completeAll();
            device.refusing = false;
            server.settle();
            assertThat(client.channel.read(ByteBuffer.allocate(1))).isNegative();
            assertThat(device.taken).containsExactly("WRITE 0+4096");
            other.request(FLUSH, 1, 0, 0);
            other.expectReply(1, NbdErrors.NONE);
        }
    }

    @Test
    void aDeviceMayCloseTheExportWhileItIsAsked() throws IOException {
        BlockDevice closing =
                new BlockDevice() {
                    @Override
                    public long sizeBytes() {
                        return 4096;
                    }

                    @Override
                    public boolean readOnly() {
                        return false;
                    }

                    @Override
                    public boolean submit(DeviceRequest request) {
                        server.server.disconnect("closing");
                        return false;
                    }
                };
        server.exports.add(server.new TestExport("closing", "", closing));
        try (TestClient other = server.connect().greet()) {
            other.option(1, TestClient.ascii("closing"));
            other.receive(10);
            other.write(1, 0, block(1));
            other.expectClosed();
        }
        client.request(FLUSH, 1, 0, 0);
        client.expectReply(1, NbdErrors.NONE);
    }

    /**
     * The client gives a connection up while the server is stopped, opens another and sends its
     * requests again: the copies on the old one must not come after the new ones.
     */
    @Test
    void aNewConnectionDoesNotOvertakeWhatOlderOnesHaveSent() throws IOException {
        device.refusing = true;
        client.write(1, 0, block(1));
        server.until("the device was asked", () -> device.refusals > 0);
        client.sendWhatFits(oldWrites(100));
        try (TestClient next = server.connect().go()) {
            client.close();
            next.write(1, 0, block(5));
            server.settle();
            device.refusing = false;
            next.expectReply(1, NbdErrors.NONE);
            server.until("the old one ends", () -> server.server.connections() == 1);
            assertThat(device.content[0]).isEqualTo((byte) 5);
        }
    }

    private static byte[] oldWrites(int count) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < count; i++) {
            all.append("25609513").append("0000").append("0001");
            all.append(TestClient.u64(10L + i)).append(TestClient.u64(0)).append("00001000");
            all.append(TestClient.hex(block(1)));
        }
        return TestClient.hex(all.toString());
    }
}
