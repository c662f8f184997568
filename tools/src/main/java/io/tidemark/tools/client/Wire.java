package io.tidemark.tools.client;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Whole reads and writes on a blocking socket. */
final class Wire {
    private final SocketChannel channel;

    Wire(final SocketChannel channel) {
        this.channel = channel;
    }

    ByteBuffer read(final int bytes) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(bytes);
        read(buffer);
        return buffer.flip();
    }

    void read(final ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("the server closed the connection");
            }
        }
    }

    void write(final ByteBuffer... buffers) throws IOException {
        long left = 0;
        for (final ByteBuffer buffer : buffers) {
            left += buffer.remaining();
        }
        while (left > 0) {
            left -= channel.write(buffers);
        }
    }
}
