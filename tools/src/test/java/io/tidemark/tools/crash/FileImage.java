package io.tidemark.tools.crash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** The bytes of one file in memory, sparse. A fork shares what neither side changes. One thread. */
final class FileImage {
    static final int SECTOR = 512;
    private static final int CHUNK = 4096;

    private final NavigableMap<Long, byte[]> chunks;

    /** Chunks that no fork shares. */
    private final Set<Long> own = new HashSet<>();

    private long size;

    FileImage() {
        this(new TreeMap<>(), 0);
    }

    private FileImage(NavigableMap<Long, byte[]> chunks, long size) {
        this.chunks = chunks;
        this.size = size;
    }

    FileImage fork() {
        own.clear();
        return new FileImage(new TreeMap<>(chunks), size);
    }

    long size() {
        return size;
    }

    void write(long offset, byte[] data) {
        size = Math.max(size, offset + data.length);
        int done = 0;
        while (done < data.length) {
            long at = offset + done;
            int within = (int) (at % CHUNK);
            int length = Math.min(CHUNK - within, data.length - done);
            System.arraycopy(data, done, writable(at / CHUNK), within, length);
            done += length;
        }
    }

    /** Makes a range read as zeroes; the size stays. */
    void zero(long offset, long length) {
        long end = Math.min(size, offset + length);
        long at = offset;
        while (at < end) {
            long chunk = at / CHUNK;
            int within = (int) (at % CHUNK);
            int piece = (int) Math.min(CHUNK - within, end - at);
            if (piece == CHUNK) {
                chunks.remove(chunk);
            } else if (chunks.containsKey(chunk)) {
                Arrays.fill(writable(chunk), within, within + piece, (byte) 0);
            }
            at += piece;
        }
    }

    void resize(long newSize) {
        if (newSize < size) {
            long keep = Math.ceilDiv(newSize, (long) CHUNK);
            zero(newSize, keep * CHUNK - newSize);
            chunks.tailMap(keep, true).clear();
        }
        size = newSize;
    }

    /** Takes one sector over as another image has it; grows as far as that one has bytes in it. */
    void takeSector(FileImage from, long sector) {
        long at = sector * SECTOR;
        int within = (int) (at % CHUNK);
        byte[] source = from.chunks.get(at / CHUNK);
        size = Math.max(size, Math.min(at + SECTOR, from.size));
        if (source != null) {
            System.arraycopy(source, within, writable(at / CHUNK), within, SECTOR);
        } else if (chunks.containsKey(at / CHUNK)) {
            Arrays.fill(writable(at / CHUNK), within, within + SECTOR, (byte) 0);
        }
    }

    byte[] read(long offset, int length) {
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
            long at = offset + done;
            int within = (int) (at % CHUNK);
            int piece = Math.min(CHUNK - within, length - done);
            byte[] chunk = chunks.get(at / CHUNK);
            if (chunk != null) {
                System.arraycopy(chunk, within, bytes, done, piece);
            }
            done += piece;
        }
        return bytes;
    }

    /** Makes a sparse file with this content. */
    void writeTo(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (Map.Entry<Long, byte[]> chunk : chunks.entrySet()) {
                long at = chunk.getKey() * CHUNK;
                int length = (int) Math.min(CHUNK, size - at);
                ByteBuffer bytes = ByteBuffer.wrap(chunk.getValue(), 0, Math.max(0, length));
                while (bytes.hasRemaining()) {
                    channel.write(bytes, at + bytes.position());
                }
            }
            if (channel.size() < size) {
                channel.write(ByteBuffer.allocate(1), size - 1);
            }
        }
    }

    private byte[] writable(long index) {
        byte[] chunk = chunks.get(index);
        if (chunk == null) {
            chunk = new byte[CHUNK];
        } else if (own.contains(index)) {
            return chunk;
        } else {
            chunk = chunk.clone();
        }
        own.add(index);
        chunks.put(index, chunk);
        return chunk;
    }
}
