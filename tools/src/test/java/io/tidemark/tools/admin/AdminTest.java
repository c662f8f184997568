package io.tidemark.tools.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminTest {
    private static final NodeStatus STATUS =
            new NodeStatus(
                    "alpha",
                    List.of(
                            new ResourceStatus(
                                    "r0",
                                    "primary",
                                    "serving",
                                    3,
                                    new PositionsStatus(60, 50, 40, 30, 20, 10),
                                    List.of(
                                            new PeerStatus(
                                                    "beta",
                                                    "live",
                                                    true,
                                                    new PositionsStatus(60, 48, 40, 30, 20, 0),
                                                    12,
                                                    0.25,
                                                    "")),
                                    List.of("beta"),
                                    "C",
                                    "",
                                    new JournalStatus(false, 7, 8, 0, "/j"))));

    @TempDir private Path folder;
    private Path socket = Path.of("");

    @BeforeEach
    void nameTheSocket() {
        socket = folder.resolve("alpha").resolve("admin.sock");
    }

    @Test
    void statusGoesThereAndBack() throws Exception {
        try (AdminServer _ = AdminServer.start(socket, (command, arguments) -> STATUS.toJson())) {
            assertThat(new AdminClient(socket).status()).isEqualTo(STATUS);
        }
    }

    @Test
    void theStatusHasTheFieldNamesThatScriptsRelyOn() {
        assertThat(AdminJson.line(STATUS.toJson()))
                .isEqualTo(
                        "{\"node\":\"alpha\",\"resources\":[{\"name\":\"r0\",\"role\":\"primary\",\"state\":\"serving\","
                                + "\"epoch\":3,\"positions\":{\"appended\":60,\"recorded\":50,\"durable\":40,"
                                + "\"committed\":30,\"applied\":20,\"checkpoint\":10},\"peers\":[{\"node\":\"beta\","
                                + "\"state\":\"live\",\"in_sync\":true,\"positions\":{\"appended\":60,\"recorded\":48,"
                                + "\"durable\":40,\"committed\":30,\"applied\":20,\"checkpoint\":0},\"lag_bytes\":12,"
                                + "\"lag_seconds\":0.25,\"detail\":\"\"}],\"in_sync_set\":[\"beta\"],\"protocol\":\"C\",\"detail\":\"\","
                                + "\"journal\":{\"full\":false,\"reserved_bytes\":7,\"free_bytes\":8,"
                                + "\"missing_bytes\":0,\"directory\":\"/j\"}}]}");
    }

    @Test
    void aNewerNodesFieldsAreIgnored() throws Exception {
        final String newer =
                AdminJson.line(STATUS.toJson()).replaceFirst("\\{", "{\"moon\":\"full\",");

        assertThat(NodeStatus.of(AdminJson.parse(newer))).isEqualTo(STATUS);
    }

    @Test
    void aFailureArrivesWithItsExitStatus() throws Exception {
        final AdminHandler refusing =
                (command, arguments) -> {
                    throw new AdminException("no such thing as " + command + ". Ask for status", 2);
                };
        try (AdminServer _ = AdminServer.start(socket, refusing)) {
            assertThatThrownBy(() -> call("moon"))
                    .isInstanceOfSatisfying(
                            AdminException.class, e -> assertThat(e.exitStatus()).isEqualTo(2))
                    .hasMessage("no such thing as moon. Ask for status");
        }
    }

    @Test
    void aHandlersBugIsAnAnswerToo() throws Exception {
        final AdminHandler broken =
                (command, arguments) -> {
                    throw new IllegalStateException("oops");
                };
        try (AdminServer _ = AdminServer.start(socket, broken)) {
            assertThatThrownBy(() -> call("status")).hasMessageContaining("oops");
            assertThatThrownBy(() -> call("status")).hasMessageContaining("oops");
        }
    }

    @Test
    void whatIsNoRequestIsToldSoAndTheConnectionLivesOn() throws Exception {
        try (AdminServer _ = AdminServer.start(socket, (command, arguments) -> arguments);
                SocketChannel raw = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            final LineReader answers = new LineReader(Channels.newInputStream(raw), 4096);
            send(raw, "hello\n");
            assertThat(answers.next()).contains("\"ok\":false").contains("not JSON");
            send(raw, "{\"v\":9,\"command\":\"status\"}\n");
            assertThat(answers.next()).contains("not a request of version 1");
            send(raw, "{\"v\":1,\"command\":\"status\"}\n");
            assertThat(answers.next()).isEqualTo("{\"v\":1,\"ok\":true,\"result\":{}}");
        }
    }

    @Test
    void aLineWithoutEndIsCutOff() throws Exception {
        try (AdminServer _ = AdminServer.start(socket, (command, arguments) -> arguments);
                SocketChannel raw = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            send(raw, "x".repeat(AdminConnection.MAX_REQUEST_BYTES + 1));
            final LineReader answers = new LineReader(Channels.newInputStream(raw), 4096);
            assertThat(answers.next()).contains("a line of more than 65536 bytes");
            assertThat(answers.next()).isNull();
        }
    }

    @Test
    void anAnswerThatDoesNotComeIsATimeout() throws Exception {
        final CountDownLatch end = new CountDownLatch(1);
        final AdminHandler slow =
                (command, arguments) -> {
                    awaitQuietly(end);
                    return arguments;
                };
        try (AdminServer _ = AdminServer.start(socket, slow)) {
            assertThatThrownBy(
                            () ->
                                    new AdminClient(socket)
                                            .call(
                                                    "status",
                                                    AdminJson.object(),
                                                    Duration.ofMillis(100)))
                    .hasMessageContaining("did not answer 'status'");
            end.countDown();
        }
    }

    @Test
    void nobodyThereIsSaidPlainly() {
        assertThatThrownBy(() -> call("status"))
                .isInstanceOf(AdminException.class)
                .hasMessageContaining("no node answers at " + socket);
    }

    @Test
    void theFileOfAKilledNodeIsReplaced() throws Exception {
        Files.createDirectories(socket.resolveSibling("").normalize());
        try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThat(socket).exists();

        try (AdminServer _ = AdminServer.start(socket, (command, arguments) -> STATUS.toJson())) {
            assertThat(new AdminClient(socket).status()).isEqualTo(STATUS);
        }
        assertThat(socket).doesNotExist();
    }

    @Test
    void aSecondServerIsRefused() throws Exception {
        try (AdminServer _ = AdminServer.start(socket, (command, arguments) -> STATUS.toJson())) {
            assertThatThrownBy(() -> AdminServer.start(socket, (command, arguments) -> arguments))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another process listens");
            assertThat(new AdminClient(socket).status()).isEqualTo(STATUS);
        }
    }

    @Test
    void onlyTheOwnerGetsIn() throws Exception {
        try (AdminServer _ = AdminServer.start(socket, (command, arguments) -> arguments)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
            final Path directory = folder.resolve("alpha");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                    .isEqualTo("rwx------");
        }
    }

    private void call(final String command) throws AdminException {
        new AdminClient(socket).call(command, AdminJson.object(), AdminClient.DEFAULT_TIMEOUT);
    }

    private static void send(final SocketChannel channel, final String text) throws IOException {
        final ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static void awaitQuietly(final CountDownLatch latch) {
        try {
            latch.await();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
