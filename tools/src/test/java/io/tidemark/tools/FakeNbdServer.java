package io.tidemark.tools;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An NBD server in its simplest form over a file: GO and ABORT, the basic commands, one thread per
 * connection. Every write is in the file before its reply, so it survives SIGKILL, and {@link
 * FakeRedo} makes it whole.
 */
public final class FakeNbdServer implements AutoCloseable {
    private static final int FLAGS = 1 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 6 | 1 << 8;
    private static final long OPTION_MAGIC = 0x49484156454F5054L;
    private static final int OPTION_GO = 7;
    private static final int ENOSPC = 28;

    private final ServerSocket listener;
    private final Path path;
    private final FileChannel file;
    private final long sizeBytes;

    private FakeNbdServer(
            final ServerSocket listener,
            final Path path,
            final FileChannel file,
            final long sizeBytes) {
        this.listener = listener;
        this.path = path;
        this.file = file;
        this.sizeBytes = sizeBytes;
    }

    /** Serves a file, created sparse if need be, as the export {@code r0}. */
    public static FakeNbdServer start(
            final SocketAddress address, final Path path, final long sizeBytes) throws IOException {
        final FileChannel file =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        if (file.size() < sizeBytes) {
            file.write(ByteBuffer.allocate(1), sizeBytes - 1);
        }
        final ServerSocket listener = new ServerSocket();
        listener.bind(address);
        final FakeNbdServer server = new FakeNbdServer(listener, path, file, sizeBytes);
        Thread.ofPlatform().daemon().start(server::accept);
        return server;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private void accept() {
        try {
            while (true) {
                final Socket client = listener.accept();
                client.setTcpNoDelay(true);
                Thread.ofPlatform().daemon().start(() -> serve(client));
            }
        } catch (final IOException closed) {
            assert listener.isClosed() : closed;
        }
    }

    private void serve(final Socket client) {
        try (client) {
            final DataInputStream in = new DataInputStream(client.getInputStream());
            final DataOutputStream out = new DataOutputStream(client.getOutputStream());
            if (negotiate(in, out)) {
                try (FakeRedo redo = FakeRedo.open(path)) {
                    transmit(redo, in, out);
                }
            }
        } catch (final IOException gone) {
            assert client.isClosed() : gone;
        }
    }

    private boolean negotiate(final DataInputStream in, final DataOutputStream out)
            throws IOException {
        out.writeLong(0x4e42444d41474943L);
        out.writeLong(OPTION_MAGIC);
        out.writeShort(3);
        in.readInt();
        while (true) {
            in.readLong();
            final int option = in.readInt();
            final byte[] data = in.readNBytes(in.readInt());
            final boolean known =
                    option == OPTION_GO
                            && new String(data, StandardCharsets.ISO_8859_1).contains("r0");
            if (known) {
                reply(
                        out,
                        option,
                        3,
                        ByteBuffer.allocate(12)
                                .putShort((short) 0)
                                .putLong(sizeBytes)
                                .putShort((short) FLAGS)
                                .array());
            }
            final int unsupported = (1 << 31) + (option == OPTION_GO ? 6 : 1);
            reply(out, option, known ? 1 : unsupported, new byte[0]);
            if (known) {
                return true;
            }
        }
    }

    private static void reply(
            final DataOutputStream out, final int option, final int type, final byte[] data)
            throws IOException {
        out.writeLong(0x3e889045565a9L);
        out.writeInt(option);
        out.writeInt(type);
        out.writeInt(data.length);
        out.write(data);
    }

    private void transmit(final FakeRedo redo, final DataInputStream in, final DataOutputStream out)
            throws IOException {
        while (true) {
            in.readInt();
            in.readShort();
            final int type = in.readShort();
            final long cookie = in.readLong();
            final long position = in.readLong();
            final int length = in.readInt();
            final byte[] payload = type == 1 ? in.readNBytes(length) : new byte[0];
            if (type == 2) {
                return;
            }
            final boolean beyond = position + length > sizeBytes;
            final byte[] answer =
                    beyond ? new byte[0] : perform(redo, type, position, length, payload);
            final ByteBuffer reply = ByteBuffer.allocate(16 + answer.length);
            reply.putInt(0x67446698).putInt(beyond ? ENOSPC : 0).putLong(cookie).put(answer);
            out.write(reply.array());
        }
    }

    private byte[] perform(
            final FakeRedo redo,
            final int type,
            final long position,
            final int length,
            final byte[] payload)
            throws IOException {
        switch (type) {
            case 0 -> {
                final ByteBuffer read = ByteBuffer.allocate(length);
                file.read(read, position);
                return read.array();
            }
            case 1 -> {
                redo.keep(position, payload);
                file.write(ByteBuffer.wrap(payload), position);
            }
            case 4, 6 -> file.write(ByteBuffer.allocate(length), position);
            default -> file.force(false);
        }
        return new byte[0];
    }

    @Override
    public void close() {
        try {
            listener.close();
            file.close();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
