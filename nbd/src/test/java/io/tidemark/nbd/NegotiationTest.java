package io.tidemark.nbd;

import static io.tidemark.nbd.TestClient.ascii;
import static io.tidemark.nbd.TestClient.u32;
import static io.tidemark.nbd.TestClient.u64;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every dialogue here is bytes from the protocol text, on both sides. */
class NegotiationTest {
    private static final String REPLY = "0003e889045565a9";
    private static final String SIZE = "0000000000800000";
    private static final String FLAGS = "016d";
    private static final String INFO_EXPORT = "00000003 0000000c 0000" + SIZE + FLAGS;

    private TestServer server;
    private TestClient client;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer();
        client = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    private void expectReply(int option, String typeLengthData) throws IOException {
        client.expect(REPLY + u32(option) + typeLengthData);
    }

    private void expectAck(int option) throws IOException {
        expectReply(option, "00000001 00000000");
    }

    private void expectError(int option, int number) throws IOException {
        client.expect(REPLY + u32(option) + u32(0x80000000L | number));
        int length = Integer.parseInt(TestClient.hex(client.receive(4)), 16);
        assertThat(new String(client.receive(length), StandardCharsets.UTF_8)).isNotBlank();
    }

    private static String query(String name, String... information) {
        String list = String.join("", information);
        return u32(name.length()) + ascii(name) + u32(information.length).substring(4) + list;
    }

    private void expectStillHaggling() throws IOException {
        client.option(6, query("r0/0"));
        expectReply(6, INFO_EXPORT);
        expectAck(6);
    }

    @Test
    void exportNameAnswersSizeAndFlagsWithoutZeroesWhereTheClientSaidSo() throws IOException {
        client.greet().option(1, ascii("r0/0"));
        client.expect(SIZE + FLAGS);
        client.expectNothing();
        client.request(TestClient.FLUSH, 1, 0, 0);
        client.expectReply(1, NbdErrors.NONE);
    }

    @Test
    void exportNameSends124ZeroesToAClientThatDidNotRefuseThem() throws IOException {
        client.receive(18);
        client.send("00000001");
        client.option(1, ascii("r0/0"));
        client.expect(SIZE + FLAGS + "00".repeat(124));
    }

    @Test
    void goNeverSendsTheZeroes() throws IOException {
        client.receive(18);
        client.send("00000001");
        client.option(7, query("r0/0"));
        expectReply(7, INFO_EXPORT);
        expectAck(7);
        client.expectNothing();
    }

    @Test
    void aClientWithoutFixedNewstyleIsServed() throws IOException {
        client.receive(18);
        client.send("00000000");
        client.option(1, ascii("r0/0"));
        client.expect(SIZE + FLAGS + "00".repeat(124));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nosuch", "r0/0\0", "R0/0"})
    void exportNameOfAnUnknownExportEndsTheSession(String name) throws IOException {
        client.greet().option(1, ascii(name));
        client.expectClosed();
    }

    @Test
    void anEndlessExportNameEndsTheSessionBeforeItArrives() throws IOException {
        client.greet().send("49484156454F5054 00000001 00001001");
        client.expectClosed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000004", "80000003", "ffffffff"})
    void unknownClientFlagsCloseTheConnection(String flags) throws IOException {
        client.receive(18);
        client.send(flags);
        client.expectClosed();
    }

    @Test
    void aWrongOptionMagicClosesTheConnection() throws IOException {
        client.greet().send("4948415645505054 00000003 00000000");
        client.expectClosed();
    }

    @Test
    void theEmptyNameAndAShortNameMeanTheDefaultExport() throws IOException {
        client.greet().option(6, query("", "0001"));
        expectReply(6, INFO_EXPORT);
        expectReply(6, "00000003 00000006 0001" + ascii("r0/0"));
        expectAck(6);
        client.option(7, query("r0"));
        expectReply(7, INFO_EXPORT);
        expectAck(7);
    }

    @Test
    void informationIsGivenIfAskedForAndOnce() throws IOException {
        client.greet().option(6, query("r0/0", "0003", "0002", "0001", "0003", "7777"));
        expectReply(6, INFO_EXPORT);
        expectReply(6, "00000003 0000000e 0003 00000001 00001000 02000000");
        expectReply(6, "00000003 00000006 0001" + ascii("r0/0"));
        expectReply(6, "00000003 00000017 0002" + ascii("the only volume of r0"));
        expectAck(6);
        client.expectNothing();
    }

    @Test
    void infoThenGoAnswerTheSame() throws IOException {
        client.greet();
        for (int option : new int[] {6, 7}) {
            client.option(option, query("r0/0", "0003"));
            expectReply(option, INFO_EXPORT);
            expectReply(option, "00000003 0000000e 0003 00000001 00001000 02000000");
            expectAck(option);
        }
        client.request(TestClient.READ, 9, 0, 1);
        client.expectReply(9, NbdErrors.NONE);
        client.expect("00");
    }

    @Test
    void anUnknownExportIsAnErrorAndHagglingGoesOn() throws IOException {
        client.greet().option(7, query("nosuch"));
        expectError(7, 6);
        expectStillHaggling();
    }

    @Test
    void aRefusedExportIsListedButNotServed() throws IOException {
        server.refusal = "r0 waits for beta: it was primary and may hold more";
        client.greet().option(7, query("r0/0"));
        expectReply(7, "80000002" + u32(server.refusal.length()) + ascii(server.refusal));
        client.option(3, "");
        client.receive(20 + 4 + 4 + 21);
        expectAck(3);
        client.option(1, ascii("r0/0"));
        client.expectClosed();
    }

    @ParameterizedTest
    @CsvSource({
        "''", // nothing at all
        "00000000", // no count
        "00000005 72302f30 0000", // the name would reach into the count
        "ffffffff 72302f30 0000", // a length that is negative as a signed number
        "00000004 72302f30 0001", // one request announced, none there
        "00000004 72302f30 0000 0003", // none announced, one there
        "00000004 72302f30 ffff", // 65,535 announced
        "00000004 7230ff30 0000", // no UTF-8
        "00000004 72300030 0000", // a NUL
    })
    void wrongInnerLengthsAreInvalidAndNothingIsWaitedFor(String data) throws IOException {
        client.greet();
        for (int option : new int[] {6, 7}) {
            client.option(option, data.replace(" ", ""));
            expectError(option, 3);
        }
        expectStillHaggling();
    }

    @Test
    void optionDataBeyondTheLimitIsSkippedAndRefused() throws IOException {
        client.greet().option(7, "00".repeat(100_000));
        expectError(7, 9);
        expectStillHaggling();
    }

    @Test
    void listNamesEveryExportWithItsDescription() throws IOException {
        server.exports.add(server.new TestExport("r1/0", "", new MemoryDevice(4096)));
        client.greet().option(3, "");
        String first = "r0/0" + "the only volume of r0";
        expectReply(3, "00000002" + u32(4 + first.length()) + u32(4) + ascii(first));
        expectReply(3, "00000002" + u32(8) + u32(4) + ascii("r1/0"));
        expectAck(3);
    }

    @Test
    void aListLongerThanTheSocketTakesArrivesWhole() throws IOException {
        for (int i = 0; i < 3000; i++) {
            server.exports.add(
                    server.new TestExport("r" + i, "x".repeat(4000), new MemoryDevice(1)));
        }
        client.greet();
        for (int round = 0; round < 2; round++) {
            client.option(3, "");
            client.expect(REPLY + u32(3) + "00000002" + u32(4 + 25) + u32(4) + ascii("r0/0"));
            client.receive(21);
            for (int i = 0; i < 3000; i++) {
                int name = ("r" + i).length();
                client.expect(REPLY + u32(3) + "00000002" + u32(4 + name + 4000) + u32(name));
                client.receive(name + 4000);
            }
            expectAck(3);
        }
    }

    @Test
    void listWithDataIsInvalid() throws IOException {
        client.greet().option(3, "00");
        expectError(3, 3);
        expectStillHaggling();
    }

    @Test
    void abortIsAcknowledgedWhateverItCarriesAndEndsTheSession() throws IOException {
        client.greet().option(2, "0102");
        expectAck(2);
        client.expectClosed();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 5, 8, 9, 10, 11, 0x7fffffff, -1})
    void otherOptionsAreUnsupportedByTheirNumberAndSkipped(int option) throws IOException {
        client.greet().option(option, "00".repeat(300_000));
        expectError(option, 1);
        client.option(option, "");
        expectError(option, 1);
        expectStillHaggling();
    }

    @Test
    void bytesMayArriveOneByOne() throws IOException {
        client.receive(18);
        String all =
                "00000003"
                        + "49484156454F505400000006"
                        + u32(query("r0/0").length() / 2)
                        + query("r0/0");
        for (byte b : TestClient.hex(all)) {
            client.send(new byte[] {b});
            server.settle();
        }
        expectReply(6, INFO_EXPORT);
        expectAck(6);
    }

    @Test
    void requestsSentTogetherWithGoAreServed() throws IOException {
        client.receive(18);
        String go = query("r0/0");
        client.send(
                "00000003"
                        + ("49484156454F505400000007" + u32(go.length() / 2) + go)
                        + ("2560951300000003" + u64(5) + u64(0) + u32(0)));
        expectReply(7, INFO_EXPORT);
        expectAck(7);
        client.expectReply(5, NbdErrors.NONE);
    }

    @Test
    void aReadOnlyExportSaysSoAndOffersNoChanges() throws IOException {
        server.device.readOnly = true;
        client.greet().option(1, ascii("r0/0"));
        client.expect(SIZE + "010f");
    }

    @Test
    void aClientThatDoesNotFinishItsHandshakeIsClosed() throws IOException {
        client.greet().send("49484156");
        server.settle();
        server.nowNs += 9_999_999_999L;
        client.expectNothing();
        server.nowNs += 1;
        client.expectClosed();
        assertThat(server.server.connections()).isZero();
    }

    @Test
    void oneConnectionTooManyIsClosed() throws IOException {
        try (TestServer small = new TestServer(4096, c -> Limits.of(c).connections(2).build());
                TestClient one = small.connect().go();
                TestClient two = small.connect().go();
                TestClient three = small.connect()) {
            three.expectClosed();
            one.disconnect();
            one.expectClosed();
            try (TestClient four = small.connect().go()) {
                four.request(TestClient.FLUSH, 1, 0, 0);
                four.expectReply(1, NbdErrors.NONE);
            }
            two.request(TestClient.FLUSH, 2, 0, 0);
            two.expectReply(2, NbdErrors.NONE);
        }
    }
}
