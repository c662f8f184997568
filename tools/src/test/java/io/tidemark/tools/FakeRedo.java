package io.tidemark.tools;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The last write of one connection, kept beside the file: SIGKILL cuts a write to a file at a page,
 * and a request must be there whole or not at all. Whoever takes over replays what is kept.
 */
final class FakeRedo implements AutoCloseable {
    private static final int HEADER_BYTES = 16;

    private final FileChannel channel;

    private FakeRedo(final FileChannel channel) {
        this.channel = channel;
    }

    static FakeRedo open(final Path file) throws IOException {
        final Path redo = Files.createTempFile(folder(file), "connection", ".redo");
        return new FakeRedo(FileChannel.open(redo, StandardOpenOption.WRITE));
    }

    void keep(final long position, final byte[] payload) throws IOException {
        final ByteBuffer record = ByteBuffer.allocate(HEADER_BYTES + payload.length);
        record.putInt(crc(position, payload)).putInt(payload.length).putLong(position).put(payload);
        channel.write(record.flip(), 0);
    }

    /** Writes again what every connection kept whole. */
    static void replay(final Path file) {
        try (FileChannel target =
                        FileChannel.open(
                                file, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
                Stream<Path> all = Files.list(folder(file))) {
            final List<Path> kept = all.filter(path -> path.toString().endsWith(".redo")).toList();
            for (final Path path : kept) {
                replay(ByteBuffer.wrap(Files.readAllBytes(path)), target);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void replay(final ByteBuffer record, final FileChannel target)
            throws IOException {
        if (record.remaining() < HEADER_BYTES) {
            return;
        }
        final int crc = record.getInt();
        final byte[] payload = new byte[record.getInt()];
        final long position = record.getLong();
        if (record.remaining() >= payload.length) {
            record.get(payload);
            if (crc(position, payload) == crc) {
                target.write(ByteBuffer.wrap(payload), position);
            }
        }
    }

    private static int crc(final long position, final byte[] payload) {
        final CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(position).flip());
        crc.update(payload);
        return (int) crc.getValue();
    }

    private static Path folder(final Path file) {
        return file.toAbsolutePath().resolveSibling("").normalize();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
