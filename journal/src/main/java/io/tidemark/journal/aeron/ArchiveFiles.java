package io.tidemark.journal.aeron;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.aeron.archive.ArchiveMarkFile;
import io.aeron.archive.codecs.mark.MarkFileHeaderDecoder;
import io.aeron.archive.codecs.mark.MessageHeaderDecoder;
import io.tidemark.journal.JournalException;
import io.tidemark.journal.linux.Preallocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The two files that the archive maps into memory, mark file and catalog. It creates them sparse:
 * on a disk that is full by the time a page is first touched, the process would end by SIGBUS. So
 * they get their blocks before, and the mark file stays from start to start, because a full disk
 * would have no room for a new one.
 *
 * <p>Used at the node's start, while its directory is locked and the archive does not run.
 */
final class ArchiveFiles {
    private static final String CATALOG = "archive.catalog";

    /** What both take when they are created, with some room. */
    private static final long NEEDED_BYTES = 4L << 20;

    private static final int AFTER_HEADER = MessageHeaderDecoder.ENCODED_LENGTH;

    private final Path directory;

    ArchiveFiles(Path directory) {
        this.directory = directory;
    }

    /** First of all: nothing that a dead process left is in the way any more. */
    void prepare() throws IOException {
        Path mark = directory.resolve(ArchiveMarkFile.FILENAME);
        if (Files.exists(mark) && !readyForReuse(mark)) {
            Files.delete(mark);
        }
        boolean complete = Files.exists(mark) && Files.exists(directory.resolve(CATALOG));
        long free = Files.getFileStore(directory).getUsableSpace();
        if (!complete && free < NEEDED_BYTES) {
            throw full(free);
        }
    }

    /** Gives what there is all its blocks: before a launch, and after it, which may create some. */
    void allocate() throws IOException {
        for (String name : new String[] {ArchiveMarkFile.FILENAME, CATALOG}) {
            Path file = directory.resolve(name);
            long size = Files.exists(file) ? Files.size(file) : 0;
            if (size > 0
                    && Preallocation.allocate(file, 0, size) == Preallocation.Outcome.NO_SPACE) {
                throw full(Files.getFileStore(directory).getUsableSpace());
            }
        }
    }

    /**
     * Turns a dead process's mark file into one that nobody uses: Aeron would wait ten seconds for
     * its heartbeat to age. Writes in place only.
     */
    private static boolean readyForReuse(Path mark) throws IOException {
        try (FileChannel file = FileChannel.open(mark, READ, WRITE)) {
            long size = file.size();
            ByteBuffer bytes = ByteBuffer.allocate(ArchiveMarkFile.HEADER_LENGTH);
            bytes.order(ByteOrder.LITTLE_ENDIAN);
            while (bytes.hasRemaining() && file.read(bytes, bytes.position()) > 0) {}
            org.agrona.concurrent.UnsafeBuffer header =
                    new org.agrona.concurrent.UnsafeBuffer(bytes);
            MessageHeaderDecoder message = new MessageHeaderDecoder().wrap(header, 0);
            if (bytes.hasRemaining()
                    || message.templateId() != MarkFileHeaderDecoder.TEMPLATE_ID
                    || message.schemaId() != MarkFileHeaderDecoder.SCHEMA_ID
                    || header.getInt(AFTER_HEADER + MarkFileHeaderDecoder.versionEncodingOffset())
                            != ArchiveMarkFile.SEMANTIC_VERSION) {
                return false;
            }
            int heartbeat = AFTER_HEADER + MarkFileHeaderDecoder.activityTimestampEncodingOffset();
            write(file, ByteBuffer.allocate(Long.BYTES), heartbeat);
            int errors = (int) (size - ArchiveMarkFile.HEADER_LENGTH);
            write(file, ByteBuffer.allocate(errors), ArchiveMarkFile.HEADER_LENGTH);
            return true;
        }
    }

    private static void write(FileChannel file, ByteBuffer bytes, long at) throws IOException {
        long position = at;
        while (bytes.hasRemaining()) {
            position += file.write(bytes, position);
        }
    }

    private JournalException full(long free) {
        return new JournalException(
                JournalException.Code.HOST,
                directory
                        + " has "
                        + free / 1024
                        + " KiB left, the archive's own files need "
                        + NEEDED_BYTES / 1024
                        + ": make space there");
    }
}
