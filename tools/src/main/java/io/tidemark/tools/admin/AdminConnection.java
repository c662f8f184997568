package io.tidemark.tools.admin;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One client's requests, one after the other, on the connection's own thread. What is no request
 * gets an error and the connection lives on; only a line without end closes it, because nobody
 * knows where the next one begins.
 */
final class AdminConnection {
    static final int VERSION = 1;
    static final int MAX_REQUEST_BYTES = 64 << 10;

    private static final System.Logger LOGGER = System.getLogger(AdminConnection.class.getName());

    private final SocketChannel channel;
    private final AdminHandler handler;

    AdminConnection(final SocketChannel channel, final AdminHandler handler) {
        this.channel = channel;
        this.handler = handler;
    }

    void serve() {
        try (channel) {
            final OutputStream out = Channels.newOutputStream(channel);
            final LineReader lines =
                    new LineReader(
                            new BufferedInputStream(Channels.newInputStream(channel)),
                            MAX_REQUEST_BYTES);
            try {
                for (@Nullable String line = lines.next(); line != null; line = lines.next()) {
                    send(out, answer(line));
                }
            } catch (final LineReader.LineTooLongException e) {
                send(out, failure(e.getMessage() + ". Send one JSON object per line", 2));
            }
        } catch (final IOException e) {
            LOGGER.log(DEBUG, "an admin connection ended", e);
        }
    }

    void refuse() {
        try (channel) {
            send(
                    Channels.newOutputStream(channel),
                    failure("the node has too many admin connections. Try again later", 1));
        } catch (final IOException e) {
            LOGGER.log(DEBUG, "an admin connection ended", e);
        }
    }

    private String answer(final String line) {
        try {
            final JsonNode request = AdminJson.parse(line);
            if (request.path("v").asInt() != VERSION || !request.path("command").isTextual()) {
                return failure(
                        "not a request of version "
                                + VERSION
                                + ". Use the tidemark command of the node's version",
                        2);
            }
            final JsonNode arguments = request.path("arguments");
            return success(
                    handler.handle(
                            request.path("command").asText(),
                            arguments.isObject() ? arguments : AdminJson.object()));
        } catch (final JsonProcessingException e) {
            return failure(
                    "not JSON (" + e.getOriginalMessage() + "). Send one object per line", 2);
        } catch (final AdminException e) {
            return failure(String.valueOf(e.getMessage()), e.exitStatus());
        } catch (final RuntimeException e) {
            // A bug in one command must not take away the operator's only way to ask.
            LOGGER.log(WARNING, "an admin command failed", e);
            return failure("the node failed to answer: " + e + ". See its log", 1);
        }
    }

    private static String success(final JsonNode result) {
        return AdminJson.line(
                AdminJson.object().put("v", VERSION).put("ok", true).set("result", result));
    }

    private static String failure(final @Nullable String error, final int exit) {
        return AdminJson.line(
                AdminJson.object()
                        .put("v", VERSION)
                        .put("ok", false)
                        .put("error", error)
                        .put("exit", exit));
    }

    private static void send(final OutputStream out, final String line) throws IOException {
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
