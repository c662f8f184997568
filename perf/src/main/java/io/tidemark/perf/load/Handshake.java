package io.tidemark.perf.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * Fixed newstyle negotiation with GO, on a blocking socket; replies stay simple, nothing else is
 * asked for.
 */
final class Handshake {
    private static final long MAGIC = 0x4e42444d41474943L;
    private static final long OPTION_MAGIC = 0x49484156454F5054L;
    private static final long REPLY_MAGIC = 0x3e889045565a9L;
    private static final int FIXED_NEWSTYLE_NO_ZEROES = 3;
    private static final int OPTION_GO = 7;
    private static final int REPLY_ACK = 1;
    private static final int REPLY_INFO = 3;
    private static final int INFO_EXPORT = 0;
    private static final int MAX_REPLY_BYTES = 64 << 10;

    private Handshake() {}

    /** Enters transmission; returns the export's size in bytes. */
    static long go(SocketChannel channel, String export) throws IOException {
        ByteBuffer greeting = read(channel, 18);
        if (greeting.getLong() != MAGIC || greeting.getLong() != OPTION_MAGIC) {
            throw new LoadException("the server does not speak newstyle NBD");
        }
        byte[] name = export.getBytes(StandardCharsets.UTF_8);
        ByteBuffer request = ByteBuffer.allocate(26 + name.length);
        request.putInt(greeting.getShort() & FIXED_NEWSTYLE_NO_ZEROES);
        request.putLong(OPTION_MAGIC).putInt(OPTION_GO).putInt(6 + name.length);
        request.putInt(name.length).put(name).putShort((short) 0).flip();
        while (request.hasRemaining()) {
            channel.write(request);
        }
        long size = -1;
        while (true) {
            ByteBuffer header = read(channel, 20);
            if (header.getLong() != REPLY_MAGIC || header.getInt() != OPTION_GO) {
                throw new LoadException("the server does not answer GO");
            }
            int type = header.getInt();
            int length = header.getInt();
            if (length < 0 || length > MAX_REPLY_BYTES) {
                throw new LoadException("the server answers GO with " + length + " bytes");
            }
            ByteBuffer data = read(channel, length);
            if (type < 0) {
                throw new LoadException("export refused: " + StandardCharsets.UTF_8.decode(data));
            }
            if (type == REPLY_INFO && length >= 12 && data.getShort() == INFO_EXPORT) {
                size = data.getLong();
            }
            if (type == REPLY_ACK) {
                return size;
            }
        }
    }

    private static ByteBuffer read(SocketChannel channel, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("the server closed the connection during the negotiation");
            }
        }
        return buffer.flip();
    }
}
