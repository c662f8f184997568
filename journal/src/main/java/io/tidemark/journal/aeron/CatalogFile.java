package io.tidemark.journal.aeron;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.aeron.archive.client.AeronArchive;
import io.aeron.archive.codecs.CatalogHeaderDecoder;
import io.aeron.archive.codecs.RecordingDescriptorDecoder;
import io.aeron.archive.codecs.RecordingDescriptorHeaderDecoder;
import io.aeron.archive.codecs.RecordingState;
import io.tidemark.journal.DurableFolders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The bytes of the archive's catalog: which recordings there are, where they begin and end. Read
 * and changed while no archive has the file open; the archive itself believes whatever it finds.
 *
 * <p>One thread at a time.
 */
final class CatalogFile {
    private static final int HEADER = CatalogHeaderDecoder.BLOCK_LENGTH;
    private static final int DESCRIPTOR_HEADER = RecordingDescriptorHeaderDecoder.BLOCK_LENGTH;
    private static final int STOP_AT =
            DESCRIPTOR_HEADER + RecordingDescriptorDecoder.stopPositionEncodingOffset();
    private static final int STOPPED_AT =
            DESCRIPTOR_HEADER + RecordingDescriptorDecoder.stopTimestampEncodingOffset();
    private static final int MAX_BYTES = 64 << 20;
    private static final int MAX_ALIGNMENT = 4096;

    /**
     * A recording's descriptor.
     *
     * @param at index of its header in the file
     * @param length bytes behind its header
     */
    record Entry(
            int at,
            int length,
            long recordingId,
            long start,
            long stop,
            int initialTermId,
            int segmentLength,
            int termLength,
            int streamId) {
        boolean open() {
            return stop == AeronArchive.NULL_POSITION;
        }
    }

    private final byte[] bytes;
    private final UnsafeBuffer buffer;
    private final List<Entry> entries = new ArrayList<>();
    private String problem = "";
    private int used = HEADER;
    private boolean changed;

    private CatalogFile(byte[] bytes) {
        this.bytes = bytes;
        this.buffer = new UnsafeBuffer(bytes);
    }

    /** Reads a catalog, or finds out why it is none. */
    static CatalogFile read(Path file) throws IOException {
        CatalogFile catalog;
        if (Files.notExists(file)) {
            catalog = new CatalogFile(new byte[0]);
            catalog.problem = "missing";
        } else if (Files.size(file) > MAX_BYTES) {
            catalog = new CatalogFile(new byte[0]);
            catalog.problem = "of " + Files.size(file) + " bytes";
        } else {
            catalog = readable(file);
        }
        return catalog;
    }

    private static CatalogFile readable(Path file) {
        CatalogFile catalog;
        try {
            catalog = new CatalogFile(Files.readAllBytes(file));
        } catch (IOException e) {
            catalog = new CatalogFile(new byte[0]);
            catalog.problem = "unreadable (" + e.getMessage() + ")";
            return catalog;
        }
        catalog.problem = catalog.parse();
        return catalog;
    }

    private String parse() {
        if (bytes.length < HEADER) {
            return "of only " + bytes.length + " bytes";
        }
        CatalogHeaderDecoder header = new CatalogHeaderDecoder();
        header.wrap(buffer, 0, HEADER, CatalogHeaderDecoder.SCHEMA_VERSION);
        int alignment = header.alignment();
        if (header.version() <= 0
                || header.length() != HEADER
                || alignment <= 0
                || alignment > MAX_ALIGNMENT
                || !BitUtil.isPowerOfTwo(alignment)) {
            return "without a valid header";
        }
        RecordingDescriptorHeaderDecoder head = new RecordingDescriptorHeaderDecoder();
        int at = HEADER;
        while (at + DESCRIPTOR_HEADER <= bytes.length) {
            head.wrap(
                    buffer, at, DESCRIPTOR_HEADER, RecordingDescriptorHeaderDecoder.SCHEMA_VERSION);
            int length = head.length();
            if (length == 0) {
                break;
            }
            if (length < RecordingDescriptorDecoder.BLOCK_LENGTH
                    || length > bytes.length - at - DESCRIPTOR_HEADER) {
                return "damaged: a descriptor of " + length + " bytes at byte " + at;
            }
            if (head.checksum() != crc(at, length)) {
                return "damaged: the checksum of the descriptor at byte " + at + " is wrong";
            }
            if (head.state() == RecordingState.VALID) {
                entries.add(entry(at, length));
            }
            at += BitUtil.align(length + DESCRIPTOR_HEADER, alignment);
            used = at;
        }
        return "";
    }

    private Entry entry(int at, int length) {
        RecordingDescriptorDecoder descriptor = new RecordingDescriptorDecoder();
        descriptor.wrap(
                buffer,
                at + DESCRIPTOR_HEADER,
                RecordingDescriptorDecoder.BLOCK_LENGTH,
                RecordingDescriptorDecoder.SCHEMA_VERSION);
        return new Entry(
                at,
                length,
                descriptor.recordingId(),
                descriptor.startPosition(),
                descriptor.stopPosition(),
                descriptor.initialTermId(),
                descriptor.segmentFileLength(),
                descriptor.termBufferLength(),
                descriptor.streamId());
    }

    /** What is wrong with it as a whole, empty if it can be used. */
    String problem() {
        return problem;
    }

    /** Recordings that are valid. */
    List<Entry> entries() {
        return entries;
    }

    /** Whether this one has a recording under that id, with the same stream. */
    boolean has(Entry other) {
        return entries.stream()
                .anyMatch(
                        e ->
                                e.recordingId() == other.recordingId()
                                        && e.streamId() == other.streamId()
                                        && e.initialTermId() == other.initialTermId());
    }

    /** Sets where a recording ends; counts once written. */
    void stop(Entry entry, long position) {
        if (buffer.getLong(entry.at() + STOP_AT, LITTLE_ENDIAN) != position) {
            buffer.putLong(entry.at() + STOP_AT, position, LITTLE_ENDIAN);
            buffer.putInt(
                    entry.at() + RecordingDescriptorHeaderDecoder.checksumEncodingOffset(),
                    crc(entry.at(), entry.length()),
                    LITTLE_ENDIAN);
            changed = true;
        }
    }

    private int crc(int at, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, at + DESCRIPTOR_HEADER, length);
        return (int) crc.getValue();
    }

    /** Writes it back in place if something was changed. */
    void writeChanges(Path file) throws IOException {
        if (changed) {
            try (FileChannel catalog = FileChannel.open(file, READ, WRITE)) {
                writeFully(catalog, bytes);
                catalog.force(true);
            }
            changed = false;
        }
    }

    /** What does not change while a recording grows, without the unused rest of the file. */
    byte[] essence() {
        CatalogFile copy = new CatalogFile(Arrays.copyOf(bytes, used));
        for (Entry entry : entries) {
            copy.buffer.putLong(
                    entry.at() + STOPPED_AT, AeronArchive.NULL_TIMESTAMP, LITTLE_ENDIAN);
            copy.stop(entry, AeronArchive.NULL_POSITION);
        }
        return copy.bytes;
    }

    /** Makes a file in a directory of these bytes, complete or not there at all. */
    static void replace(Path directory, String name, byte[] content) throws IOException {
        Path file = directory.resolve(name);
        Path unfinished = directory.resolve(name + ".new");
        Files.write(unfinished, content);
        try (FileChannel written = FileChannel.open(unfinished, WRITE)) {
            written.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        DurableFolders.sync(directory);
    }

    private static void writeFully(FileChannel file, byte[] content) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(content);
        while (left.hasRemaining()) {
            file.write(left, left.position());
        }
    }
}
