package io.tidemark.tools.it;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.tidemark.journal.aeron.AeronSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a failing disk does to the journal of a node with one resource: bits that flip, pages that
 * read as zeroes, files that are gone. Below the archive, by file name.
 */
final class JournalDamage {
    private static final int HEADER = 32;

    private final Path journal;

    JournalDamage(NodeProcess node) {
        journal = node.settings().directory().resolve("journal");
    }

    /** Starts of all frames between two positions; the first one is where the log begins. */
    List<Long> frames(long from, long to) throws IOException {
        List<Long> starts = new ArrayList<>();
        long at = 0;
        while (at < to) {
            int length = ByteBuffer.wrap(read(at, 4)).order(ByteOrder.LITTLE_ENDIAN).getInt();
            if (length < HEADER) {
                break;
            }
            if (at >= from) {
                starts.add(at);
            }
            at += (length + HEADER - 1) & -HEADER;
        }
        return starts;
    }

    void flip(long position, int bit) throws IOException {
        byte[] bytes = read(position, 1);
        bytes[0] ^= (byte) (1 << bit);
        write(position, bytes);
        System.out.println("flipped bit " + bit + " at position " + position);
    }

    void zero(long position, int length) throws IOException {
        write(position, new byte[length]);
        System.out.println("zeroed " + length + " bytes at position " + position);
    }

    void deleteSegment(long position) throws IOException {
        Files.delete(segment(position));
    }

    /** The segment's file ends at a position. */
    void truncateSegment(long position) throws IOException {
        try (FileChannel file = FileChannel.open(segment(position), WRITE)) {
            file.truncate(position % AeronSettings.DEFAULT_SEGMENT_LENGTH);
        }
    }

    byte[] read(long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        try (FileChannel file = FileChannel.open(segment(position), READ)) {
            while (bytes.hasRemaining()
                    && file.read(
                                    bytes,
                                    position % AeronSettings.DEFAULT_SEGMENT_LENGTH
                                            + bytes.position())
                            > 0) {}
        }
        return bytes.array();
    }

    private void write(long position, byte[] bytes) throws IOException {
        try (FileChannel file = FileChannel.open(segment(position), WRITE)) {
            file.write(ByteBuffer.wrap(bytes), position % AeronSettings.DEFAULT_SEGMENT_LENGTH);
        }
    }

    private Path segment(long position) throws IOException {
        long base = position - position % AeronSettings.DEFAULT_SEGMENT_LENGTH;
        try (Stream<Path> files = Files.list(journal)) {
            return files.filter(f -> f.getFileName().toString().endsWith("-" + base + ".rec"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
