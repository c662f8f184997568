package io.tidemark.tools.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * One NBD connection with one request at a time. Blocks its caller until the reply; belongs to one
 * thread, only {@link #abort} may come from another one.
 */
public final class NbdClient implements AutoCloseable {
    private static final int REQUEST_MAGIC = 0x25609513;
    private static final int REPLY_MAGIC = 0x67446698;
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int DISC = 2;
    private static final int FLUSH = 3;
    private static final int TRIM = 4;
    private static final int WRITE_ZEROES = 6;
    private static final int FLAG_FUA = 1;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final Wire wire;
    private final NbdHandshake.Export export;
    private long cookie;

    private NbdClient(
            final SocketChannel channel, final Wire wire, final NbdHandshake.Export export) {
        this.channel = channel;
        this.wire = wire;
        this.export = export;
    }

    /**
     * Connects and negotiates.
     *
     * @param name the export's name
     */
    public static NbdClient connect(final SocketAddress server, final String name)
            throws IOException {
        final SocketChannel channel = SocketChannel.open(server);
        try {
            if (server instanceof InetSocketAddress) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            final Wire wire = new Wire(channel);
            return new NbdClient(channel, wire, new NbdHandshake(wire).go(name));
        } catch (final IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Size of the export in bytes. */
    public long sizeBytes() {
        return export.sizeBytes();
    }

    /** The export's transmission flags. */
    public int flags() {
        return export.flags();
    }

    /** Fills the rest of a buffer from an offset in bytes. */
    public void read(final long offset, final ByteBuffer into) throws IOException {
        request(READ, 0, offset, into.remaining(), NOTHING);
        reply("READ");
        wire.read(into);
    }

    /** Writes the rest of a buffer to an offset in bytes. */
    public void write(final long offset, final ByteBuffer from, final boolean fua)
            throws IOException {
        request(WRITE, fua ? FLAG_FUA : 0, offset, from.remaining(), from);
        reply("WRITE");
    }

    /** Makes durable what was answered before. */
    public void flush() throws IOException {
        request(FLUSH, 0, 0, 0, NOTHING);
        reply("FLUSH");
    }

    /** Discards a range in bytes. */
    public void trim(final long offset, final int length) throws IOException {
        request(TRIM, 0, offset, length, NOTHING);
        reply("TRIM");
    }

    /** Fills a range in bytes with zeroes. */
    public void writeZeroes(final long offset, final int length) throws IOException {
        request(WRITE_ZEROES, 0, offset, length, NOTHING);
        reply("WRITE_ZEROES");
    }

    /** Says goodbye and closes. */
    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            try (channel) {
                request(DISC, 0, 0, 0, NOTHING);
            }
        }
    }

    /** Closes without goodbye; a call in progress fails. */
    public void abort() throws IOException {
        channel.close();
    }

    private void request(
            final int type,
            final int flags,
            final long offset,
            final int length,
            final ByteBuffer payload)
            throws IOException {
        final ByteBuffer header = ByteBuffer.allocate(28);
        header.putInt(REQUEST_MAGIC).putShort((short) flags).putShort((short) type);
        header.putLong(++cookie).putLong(offset).putInt(length);
        wire.write(header.flip(), payload);
    }

    private void reply(final String request) throws IOException {
        final ByteBuffer header = wire.read(16);
        final int magic = header.getInt();
        final int errno = header.getInt();
        final long answered = header.getLong();
        if (magic != REPLY_MAGIC || answered != cookie) {
            channel.close();
            throw new IOException("the server's reply to " + request + " is out of step");
        }
        if (errno != 0) {
            throw new NbdException(request, errno);
        }
    }
}
