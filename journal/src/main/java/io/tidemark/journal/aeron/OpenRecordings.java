package io.tidemark.journal.aeron;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.aeron.archive.client.AeronArchive;
import io.aeron.archive.codecs.CatalogHeaderDecoder;
import io.aeron.archive.codecs.RecordingDescriptorDecoder;
import io.aeron.archive.codecs.RecordingDescriptorHeaderDecoder;
import io.aeron.archive.codecs.RecordingState;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.protocol.DataHeaderFlyweight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Gives the recordings that a killed process left open in the archive's catalog an end, before the
 * archive is launched.
 *
 * <p>The archive would do so itself, but its recovery (1.51) refuses a last frame that is torn
 * across a page, and fails with an index out of bounds when the last frame, torn or not, crosses
 * the end of one of the chunks of 1 MiB that it reads in: then a node could not start after a
 * SIGKILL. Here the end is simply where the chain of frame lengths ends; whether the last frames
 * are whole is for Tidemark's own scan, which knows the checksums of entries.
 *
 * <p>Used while nothing else has the archive's directory open.
 */
final class OpenRecordings {
    private static final String CATALOG = "archive.catalog";
    private static final int DESCRIPTOR_HEADER = RecordingDescriptorHeaderDecoder.BLOCK_LENGTH;
    private static final int CHUNK = 1 << 20;

    private final Path directory;
    private final RecordingDescriptorHeaderDecoder header = new RecordingDescriptorHeaderDecoder();
    private final RecordingDescriptorDecoder descriptor = new RecordingDescriptorDecoder();

    OpenRecordings(Path directory) {
        this.directory = directory;
    }

    /** Ends them all; returns how many there were. */
    int close() throws IOException {
        Path file = directory.resolve(CATALOG);
        if (!Files.exists(file)) {
            return 0;
        }
        try (FileChannel catalog = FileChannel.open(file, READ, WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) catalog.size()).order(LITTLE_ENDIAN);
            readFully(catalog, bytes, 0);
            int closed = closeIn(new UnsafeBuffer(bytes), bytes.limit());
            if (closed > 0) {
                bytes.rewind();
                while (bytes.hasRemaining()) {
                    catalog.write(bytes, bytes.position());
                }
                catalog.force(true);
            }
            return closed;
        }
    }

    private int closeIn(UnsafeBuffer catalog, int capacity) throws IOException {
        if (capacity < CatalogHeaderDecoder.BLOCK_LENGTH) {
            return 0;
        }
        int alignment =
                new CatalogHeaderDecoder()
                        .wrap(
                                catalog,
                                0,
                                CatalogHeaderDecoder.BLOCK_LENGTH,
                                CatalogHeaderDecoder.SCHEMA_VERSION)
                        .alignment();
        if (alignment <= 0) {
            return 0;
        }
        int closed = 0;
        int at = CatalogHeaderDecoder.BLOCK_LENGTH;
        while (at + DESCRIPTOR_HEADER <= capacity) {
            header.wrap(
                    catalog,
                    at,
                    DESCRIPTOR_HEADER,
                    RecordingDescriptorHeaderDecoder.SCHEMA_VERSION);
            int length = header.length();
            if (length <= 0 || length > capacity - at - DESCRIPTOR_HEADER) {
                return closed;
            }
            int body = at + DESCRIPTOR_HEADER;
            descriptor.wrap(
                    catalog,
                    body,
                    RecordingDescriptorDecoder.BLOCK_LENGTH,
                    RecordingDescriptorDecoder.SCHEMA_VERSION);
            if (header.state() == RecordingState.VALID
                    && descriptor.stopPosition() == AeronArchive.NULL_POSITION) {
                catalog.putLong(
                        body + RecordingDescriptorDecoder.stopPositionEncodingOffset(),
                        end(),
                        LITTLE_ENDIAN);
                catalog.putInt(
                        at + RecordingDescriptorHeaderDecoder.checksumEncodingOffset(),
                        crc(catalog, body, length),
                        LITTLE_ENDIAN);
                closed++;
            }
            at += BitUtil.align(length + DESCRIPTOR_HEADER, alignment);
        }
        return closed;
    }

    /** End of the current descriptor's recording: that of the last frame in its last segment. */
    private long end() throws IOException {
        long base = lastSegment(descriptor.recordingId());
        if (base < 0) {
            return descriptor.startPosition();
        }
        int segmentLength = descriptor.segmentFileLength();
        Path file = directory.resolve(descriptor.recordingId() + "-" + base + ".rec");
        try (FileChannel segment = FileChannel.open(file, READ, WRITE)) {
            if (segment.size() < segmentLength) {
                // Killed between creating the file and giving it its length, which the archive
                // insists on.
                segment.write(ByteBuffer.allocate(1), segmentLength - 1);
            }
            int from = (int) Math.max(0, descriptor.startPosition() - base);
            return base + endOfFrames(segment, from, segmentLength);
        }
    }

    private static int endOfFrames(FileChannel segment, int from, int segmentLength)
            throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(LITTLE_ENDIAN);
        int at = from;
        int chunkStart = at;
        chunk.limit(0);
        while (at + DataHeaderFlyweight.HEADER_LENGTH <= segmentLength) {
            if (at + DataHeaderFlyweight.HEADER_LENGTH > chunkStart + chunk.limit()) {
                chunkStart = at;
                chunk.clear().limit(Math.min(CHUNK, segmentLength - at));
                readFully(segment, chunk, at);
            }
            int frame =
                    chunk.getInt(at - chunkStart + DataHeaderFlyweight.FRAME_LENGTH_FIELD_OFFSET);
            int aligned = BitUtil.align(frame, FrameDescriptor.FRAME_ALIGNMENT);
            if (frame < DataHeaderFlyweight.HEADER_LENGTH
                    || aligned <= 0
                    || aligned > segmentLength - at) {
                break;
            }
            at += aligned;
        }
        return at;
    }

    private long lastSegment(long recordingId) throws IOException {
        long last = -1;
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(directory, recordingId + "-*.rec")) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                last =
                        Math.max(
                                last,
                                Long.parseLong(
                                        name.substring(name.indexOf('-') + 1, name.length() - 4)));
            }
        }
        return last;
    }

    private static int crc(UnsafeBuffer catalog, int from, int length) {
        byte[] bytes = new byte[length];
        catalog.getBytes(from, bytes);
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private static void readFully(FileChannel file, ByteBuffer target, long position)
            throws IOException {
        while (target.hasRemaining()) {
            if (file.read(target, position + target.position()) < 0) {
                throw new IOException("a file of the archive ends early");
            }
        }
        target.flip();
    }
}
