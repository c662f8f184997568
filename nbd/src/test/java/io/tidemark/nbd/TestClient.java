package io.tidemark.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Speaks NBD byte by byte, knowing nothing of the server's code but the protocol text. */
final class TestClient implements AutoCloseable {
    static final String READ = "0000";
    static final String WRITE = "0001";
    static final String DISC = "0002";
    static final String FLUSH = "0003";
    static final String TRIM = "0004";
    static final String ZEROES = "0006";

    final SocketChannel channel;
    private final TestServer server;

    TestClient(TestServer server) throws IOException {
        this.server = server;
        channel = SocketChannel.open(server.address());
        channel.configureBlocking(false);
        if (server.address() instanceof InetSocketAddress) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static String u32(long value) {
        return HexFormat.of().toHexDigits(value, 8);
    }

    static String u64(long value) {
        return HexFormat.of().toHexDigits(value);
    }

    static String ascii(String text) {
        return hex(text.getBytes(StandardCharsets.UTF_8));
    }

    void send(String hex) throws IOException {
        send(hex(hex));
    }

    /** Sends everything, letting the server run when it has to make room. */
    void send(byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        long deadline = System.nanoTime() + TestServer.PATIENCE_NS;
        while (rest.hasRemaining()) {
            if (channel.write(rest) == 0) {
                server.cycle();
            }
            assertThat(System.nanoTime()).as("server takes bytes").isLessThan(deadline);
        }
    }

    /** Sends as much as the server takes and returns how much that was. */
    int sendWhatFits(byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        int stuck = 0;
        while (rest.hasRemaining() && stuck < 20) {
            stuck = channel.write(rest) == 0 ? stuck + 1 : 0;
            server.cycle();
        }
        return bytes.length - rest.remaining();
    }

    byte[] receive(int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        long deadline = System.nanoTime() + TestServer.PATIENCE_NS;
        while (bytes.hasRemaining()) {
            int read = channel.read(bytes);
            assertThat(read).as("connection open after " + bytes.position()).isNotNegative();
            if (read == 0) {
                server.cycle();
            }
            assertThat(System.nanoTime()).as("server sends bytes").isLessThan(deadline);
        }
        return bytes.array();
    }

    void expect(String hex) throws IOException {
        byte[] expected = hex(hex);
        assertThat(hex(receive(expected.length))).isEqualTo(hex(expected));
    }

    /** Lets the server settle and asserts that it has sent nothing. */
    void expectNothing() throws IOException {
        server.settle();
        assertThat(channel.read(ByteBuffer.allocate(1))).as("bytes received").isZero();
    }

    void expectClosed() throws IOException {
        long deadline = System.nanoTime() + TestServer.PATIENCE_NS;
        while (!isClosed()) {
            server.cycle();
            assertThat(System.nanoTime()).as("server closes").isLessThan(deadline);
        }
    }

    private boolean isClosed() {
        try {
            return channel.read(ByteBuffer.allocate(1 << 16)) < 0;
        } catch (IOException e) {
            return true;
        }
    }

    /** Greeting and client flags. */
    TestClient greet() throws IOException {
        expect("4e42444d41474943 49484156454F5054 0003");
        send("00000003");
        return this;
    }

    /** Enters transmission by GO. */
    TestClient go() throws IOException {
        greet();
        option(7, u32(4) + ascii("r0/0") + "0000");
        receive(20 + 12);
        expect("0003e889045565a9 00000007 00000001 00000000");
        return this;
    }

    void option(int number, String data) throws IOException {
        send("49484156454F5054" + u32(number) + u32(data.length() / 2) + data);
    }

    void request(String command, long cookie, long offset, long length) throws IOException {
        request("0000", command, cookie, offset, length);
    }

    void request(String flags, String command, long cookie, long offset, long length)
            throws IOException {
        send("25609513" + flags + command + u64(cookie) + u64(offset) + u32(length));
    }

    void write(long cookie, long offset, byte[] data) throws IOException {
        request(WRITE, cookie, offset, data.length);
        send(data);
    }

    void expectReply(long cookie, int error) throws IOException {
        expect("67446698" + u32(error) + u64(cookie));
    }

    void disconnect() throws IOException {
        request(DISC, 0, 0, 0);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Closes without a DISC, as a client that gives the connection up. */
    void hangUp() throws IOException {
        channel.close();
    }

    /** Closes so that the server sees a reset instead of an end. */
    void reset() throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
    }
}
