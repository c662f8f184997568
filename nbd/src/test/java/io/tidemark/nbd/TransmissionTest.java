package io.tidemark.nbd;

import static io.tidemark.nbd.TestClient.DISC;
import static io.tidemark.nbd.TestClient.FLUSH;
import static io.tidemark.nbd.TestClient.READ;
import static io.tidemark.nbd.TestClient.TRIM;
import static io.tidemark.nbd.TestClient.WRITE;
import static io.tidemark.nbd.TestClient.ZEROES;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransmissionTest {
    private static final int SIZE = 40 << 20;

    private TestServer server;
    private MemoryDevice device;
    private TestClient client;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(SIZE, config -> config);
        device = server.device;
        client = server.connect().go();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1", // one byte
        "4095, 2", // across a block
        "1, 131071", // the kernel's size, unaligned
        "4096, 131072",
        "12345, 262144", // just fits the receive buffer
        "12345, 262145", // just does not
        "7, 245760", // one chunk
        "7, 491520", // two
        "0, 33554432", // the maximum
        "8388607, 33554432" // the maximum, unaligned, to the last byte
    })
    void whatIsWrittenIsRead(int offset, int length) throws IOException {
        byte[] data = random(length);
        client.write(1, offset, data);
        client.expectReply(1, NbdErrors.NONE);
        assertThat(Arrays.equals(device.content, offset, offset + length, data, 0, length))
                .isTrue();
        client.request(READ, 2, offset, length);
        client.expectReply(2, NbdErrors.NONE);
        assertThat(Arrays.equals(client.receive(length), data)).isTrue();
    }

    @Test
    void theKernelsRequestsReachTheDeviceInOnePiece() throws IOException {
        for (int i = 0; i < 40; i++) {
            client.write(i, i * 131_072L, random(131_072));
        }
        for (int i = 0; i < 40; i++) {
            client.expectReply(i, NbdErrors.NONE);
        }
        assertThat(device.largestSlice).isEqualTo(131_072);
    }

    @Test
    void largePayloadsComeInPiecesOf240KiB() throws IOException {
        client.write(1, 0, random(1 << 20));
        client.expectReply(1, NbdErrors.NONE);
        assertThat(device.largestSlice).isEqualTo(245_760);
    }

    @Test
    void commandsReachTheDeviceWithTheirFlags() throws IOException {
        client.request("0001", WRITE, 1, 10, 3);
        client.send("010203");
        client.request("0003", ZEROES, 2, 11, 1);
        client.request("0002", ZEROES, 3, 4096, 4096);
        client.request("0001", TRIM, 4, 8192, 4096);
        client.request("0001", FLUSH, 5, 0, 0);
        client.request("0001", READ, 6, 10, 3);
        for (int cookie = 1; cookie <= 6; cookie++) {
            client.expectReply(cookie, NbdErrors.NONE);
        }
        client.expect("010003");
        assertThat(device.taken)
                .containsExactly(
                        "WRITE 10+3 fua",
                        "WRITE_ZEROES 11+1 fua no-hole",
                        "WRITE_ZEROES 4096+4096 no-hole",
                        "TRIM 8192+4096 fua",
                        "FLUSH 0+0 fua",
                        "READ 10+3 fua");
    }

    @Test
    void trimAndZeroesAreNotBoundByTheMaximumPayload() throws IOException {
        client.request(TRIM, 1, 0, SIZE);
        client.expectReply(1, NbdErrors.NONE);
        client.request(ZEROES, 2, 0, SIZE);
        client.expectReply(2, NbdErrors.NONE);
    }

    @Test
    void emptyRequestsAreDoneWithoutTheDevice() throws IOException {
        int cookie = 0;
        for (String command : new String[] {READ, WRITE, TRIM, ZEROES}) {
            client.request(command, ++cookie, SIZE, 0);
            client.expectReply(cookie, NbdErrors.NONE);
        }
        assertThat(device.taken).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        // flags, command, offset, length, error
        "0000, 0000, 41943040, 1, 22", // READ beyond the end
        "0000, 0000, 41943039, 2, 22",
        "0000, 0000, 0, 33554433, 22", // more than the maximum
        "0000, 0000, -1, 1, 22", // 2^64 - 1
        "0000, 0000, 9223372036854775807, 1, 22",
        "0002, 0000, 0, 1, 22", // NO_HOLE belongs to WRITE_ZEROES
        "0004, 0000, 0, 1, 22", // DF was not negotiated
        "0000, 0003, 1, 0, 22", // FLUSH has no range
        "0000, 0003, 0, 1, 22",
        "0000, 0004, 41943040, 1, 22", // TRIM beyond the end
        "0000, 0004, -4096, 4096, 22", // the sum wraps to 0
        "0002, 0004, 0, 1, 22",
        "0000, 0006, 41943040, 1, 28", // WRITE_ZEROES beyond the end
        "0000, 0006, 1, 4294967295, 28",
        "0000, 0006, -4096, 4096, 28",
        "0010, 0006, 0, 1, 22", // FAST_ZERO is not offered
        "0000, 0005, 0, 1, 22", // CACHE
        "0000, 0007, 0, 1, 22", // BLOCK_STATUS
        "0000, ffff, 0, 4294967295, 22", // unknown
        "8000, 0003, 0, 0, 22" // unknown flag
    })
    void aRequestThatCannotBeIsAnsweredAndTheNextIsServed(
            String flags, String command, long offset, long length, int error) throws IOException {
        client.request(flags, command, 0x1122334455667788L, offset, length);
        client.expectReply(0x1122334455667788L, error);
        expectServed();
        assertThat(device.taken).containsExactly("FLUSH 0+0");
    }

    private void expectServed() throws IOException {
        client.request(FLUSH, 77, 0, 0);
        client.expectReply(77, NbdErrors.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "0000, 41943040, 1, 28",
        "0000, 41943039, 2, 28",
        "0000, 41000000, 1000000, 28",
        "0000, -1, 5, 28",
        "0002, 0, 5, 22",
        "0010, 0, 300000, 22",
        "0000, 0, 33554433, 22"
    })
    void aRefusedWriteIsConsumedAndNothingOfItApplied(
            String flags, long offset, int length, int error) throws IOException {
        byte[] junk = new byte[length];
        Arrays.fill(junk, (byte) 0x25);
        client.request(flags, WRITE, 3, offset, length);
        client.send(junk);
        client.expectReply(3, error);
        expectServed();
        assertThat(device.taken).containsExactly("FLUSH 0+0");
        assertThat(Arrays.mismatch(device.content, new byte[SIZE])).isNegative();
    }

    @Test
    void changesToAReadOnlyExportAreNotPermitted() throws IOException {
        device.readOnly = true;
        client.write(1, 0, random(300_000));
        client.expectReply(1, NbdErrors.EPERM);
        client.request(TRIM, 2, 0, 4096);
        client.expectReply(2, NbdErrors.EPERM);
        client.request(ZEROES, 3, 0, 4096);
        client.expectReply(3, NbdErrors.EPERM);
        client.request(READ, 4, 0, 1);
        client.expectReply(4, NbdErrors.NONE);
        client.expect("00");
        expectServed();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "25609514 0000 0003 0000000000000001 0000000000000000 00000000", // wrong magic
                "67446698 0000 0003 0000000000000001 0000000000000000 00000000",
                "25609513 0000 0001 0000000000000001 0000000000000000 ffffffff" // 4 GiB payload
            })
    void whatCannotBeARequestClosesTheConnection(String bytes) throws IOException {
        client.send(bytes);
        client.expectClosed();
        assertThat(device.taken).isEmpty();
    }

    @Test
    void aFailedRequestCarriesTheDevicesErrorAndNoData() throws IOException {
        device.holding = true;
        client.request(READ, 1, 0, 4096);
        client.write(2, 0, random(512));
        server.until("both are held", () -> device.held.size() == 2);
        device.fail(0, NbdErrors.EIO);
        device.fail(0, 4711);
        client.expectReply(1, NbdErrors.EIO);
        client.expectReply(2, NbdErrors.EIO);
        client.expectNothing();
    }

    @Test
    void aRequestKnowsItsConnection() throws IOException {
        device.holding = true;
        try (TestClient other = server.connect().go()) {
            client.request(FLUSH, 1, 0, 0);
            server.until("one is held", () -> device.held.size() == 1);
            other.request(FLUSH, 1, 0, 0);
            server.until("two are held", () -> device.held.size() == 2);
            assertThat(device.held.get(0).client()).isPositive();
            assertThat(device.held.get(1).client()).isGreaterThan(device.held.get(0).client());
            device.completeAll();
        }
    }

    @Test
    void disconnectHasNoReply() throws IOException {
        client.request(DISC, 1, 0, 0);
        client.expectClosed();
        assertThat(server.server.connections()).isZero();
    }
}
