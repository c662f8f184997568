package io.tidemark.journal.aeron;

import io.tidemark.journal.log.PageReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The bytes of a segment file, before an archive has it open. What cannot be read, and what lies
 * behind the file's end, is zeroes: no frame. One thread at a time.
 */
final class SegmentBytes implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(SegmentBytes.class.getName());

    private final Path path;
    private final long base;
    private final FileChannel file;
    private final PageReader pages = new PageReader();
    private long saidUnreadable = -1;

    /**
     * @param base position of the file's first byte
     */
    SegmentBytes(Path path, long base) throws IOException {
        this.path = path;
        this.base = base;
        this.file = FileChannel.open(path, StandardOpenOption.READ);
    }

    /** Fills the target, from its index 0 on, with so many bytes from an offset on. */
    void load(int offset, int length, ByteBuffer target) throws IOException {
        target.clear().limit(length);
        long unreadable = pages.read(file, offset, target);
        if (unreadable >= 0 && unreadable != saidUnreadable) {
            saidUnreadable = unreadable;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "cannot read the journal at position {0}: {1} ({2}). The log is looked for behind it",
                    Long.toString(base + unreadable),
                    pages.cause(),
                    path);
        }
        while (target.hasRemaining()) {
            target.put((byte) 0);
        }
        target.flip();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
