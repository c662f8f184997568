package io.tidemark.tools.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Asks a node. One connection per request: commands are rare, and a node that was restarted in
 * between needs no care. May be used by any thread; a call blocks its caller until the answer or
 * the timeout.
 */
public final class AdminClient {
    /** Long enough for a node that is busy, short enough for a person who waits. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private static final int MAX_ANSWER_BYTES = 16 << 20;

    private final Path socket;

    public AdminClient(final Path socket) {
        this.socket = socket;
    }

    /** The node's status. */
    public NodeStatus status() throws AdminException {
        return NodeStatus.of(call("status", AdminJson.object(), DEFAULT_TIMEOUT));
    }

    /**
     * Sends one request and waits for its answer.
     *
     * @return the result
     * @throws AdminException when the node cannot be reached, does not answer in time or answers
     *     with an error
     */
    public JsonNode call(final String command, final JsonNode arguments, final Duration timeout)
            throws AdminException {
        final AtomicBoolean timedOut = new AtomicBoolean();
        try (SocketChannel channel = connect()) {
            // Blocking reads of a unix socket know no timeout; closing the channel ends them.
            final CompletableFuture<Void> timer =
                    CompletableFuture.runAsync(
                            () -> {
                                timedOut.set(true);
                                closeQuietly(channel);
                            },
                            CompletableFuture.delayedExecutor(
                                    timeout.toMillis(), TimeUnit.MILLISECONDS));
            try {
                return result(exchange(channel, command, arguments));
            } finally {
                timer.cancel(false);
            }
        } catch (final IOException e) {
            throw timedOut.get()
                    ? new AdminException(
                            "the node at %s did not answer '%s' within %d s. See its log"
                                    .formatted(socket, command, timeout.toSeconds()))
                    : new AdminException(
                            "the node at %s broke off (%s). See its log"
                                    .formatted(socket, e.getMessage()));
        }
    }

    private SocketChannel connect() throws AdminException {
        try {
            final SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                return channel;
            } catch (final IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (final IOException e) {
            throw new AdminException(
                    Files.exists(socket) && !Files.isWritable(socket)
                            ? "no permission to use " + socket + ". Run as the node's user"
                            : "no node answers at "
                                    + socket
                                    + ". Start it, or name the host's own node");
        }
    }

    private static String exchange(
            final SocketChannel channel, final String command, final JsonNode arguments)
            throws IOException {
        final JsonNode request =
                AdminJson.object()
                        .put("v", AdminConnection.VERSION)
                        .put("command", command)
                        .set("arguments", arguments);
        final ByteBuffer bytes =
                ByteBuffer.wrap((AdminJson.line(request) + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        final @Nullable String line =
                new LineReader(
                                new BufferedInputStream(Channels.newInputStream(channel)),
                                MAX_ANSWER_BYTES)
                        .next();
        if (line == null) {
            throw new IOException("the connection was closed without an answer");
        }
        return line;
    }

    private static JsonNode result(final String line) throws AdminException {
        try {
            final JsonNode answer = AdminJson.parse(line);
            if (answer.path("ok").asBoolean()) {
                return answer.path("result");
            }
            throw new AdminException(
                    answer.path("error").asText("the node gave no reason. See its log"),
                    answer.path("exit").asInt(1));
        } catch (final JsonProcessingException e) {
            throw new AdminException("the node's answer is no JSON. Use the node's own version");
        }
    }

    private static void closeQuietly(final SocketChannel channel) {
        try {
            channel.close();
        } catch (final IOException ignored) {
            // The reader sees the closed channel either way.
        }
    }
}
