package io.tidemark.journal.log;

import io.tidemark.journal.JournalException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The segment files of one recording, read by position. The archive writes them; this class opens
 * them by name, read-only.
 *
 * <p>Keeps the two newest-used channels open. Not thread-safe: every reading thread has its own.
 */
public final class SegmentFiles implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(SegmentFiles.class.getName());

    /** A bad disk fails one read after the other. */
    private static final long QUIET_NS = 1_000_000_000L;

    private final LogFiles files;
    private final PageReader pages = new PageReader();
    private long unreadable = -1;
    private long saidUnreadable = -1;
    private long saidNs = System.nanoTime() - QUIET_NS;
    private final long[] bases = {-1, -1};
    private final @Nullable FileChannel[] channels = new FileChannel[2];
    private int newest;
    private int cuts;

    public SegmentFiles(LogFiles files) {
        this.files = files;
        this.cuts = files.cuts();
    }

    /**
     * Reads up to {@code target.remaining()} bytes from {@code position} on, at most to the
     * segment's end and at most to {@code limit}. The caller knows the bytes below {@code limit} to
     * be recorded.
     *
     * @return bytes read
     * @throws UnreadableLogException if the disk does not give them back
     * @throws JournalException if the file is missing or ends early: recorded bytes are gone
     */
    public int read(long position, long limit, ByteBuffer target) {
        int before = target.position();
        String gone = readOrZero(position, limit, target);
        if (unreadable >= 0) {
            throw new UnreadableLogException(unreadable, pages.cause());
        }
        if (!gone.isEmpty()) {
            throw new JournalException(JournalException.Code.DAMAGED, gone);
        }
        return target.position() - before;
    }

    /**
     * The same, but bytes that are gone or cannot be read are zeroes, as those of a hole are, for
     * those who look at every entry.
     *
     * @return what is gone, or empty
     * @throws JournalException if nothing can be read any more
     */
    String readOrZero(long position, long limit, ByteBuffer target) {
        if (cuts != files.cuts()) {
            cuts = files.cuts();
            close();
        }
        long base = files.baseOf(position);
        int length =
                (int)
                        Math.min(
                                Math.min(limit, base + files.segmentLength()) - position,
                                target.remaining());
        int end = target.limit();
        int start = target.position();
        target.limit(start + length);
        unreadable = -1;
        String gone = "";
        try {
            long failed = pages.read(channel(base), position - base, target);
            if (failed >= 0) {
                unreadable = base + failed;
                gone = unreadable(base);
            } else if (target.hasRemaining()) {
                gone =
                        "segment "
                                + files.segment(base)
                                + " ends at position "
                                + (position + target.position() - start)
                                + ", recorded up to "
                                + limit;
            }
        } catch (NoSuchFileException e) {
            gone =
                    "segment "
                            + e.getFile()
                            + " is missing, position "
                            + position
                            + " was recorded in it";
        } catch (IOException e) {
            throw new JournalException(
                    JournalException.Code.FAILED,
                    UnreadableLogException.text(position, String.valueOf(e.getMessage())),
                    e);
        }
        while (target.hasRemaining()) {
            target.put((byte) 0);
        }
        target.limit(end);
        return gone;
    }

    private String unreadable(long base) {
        String text = UnreadableLogException.text(unreadable, pages.cause());
        long nowNs = System.nanoTime();
        if (unreadable != saidUnreadable && nowNs - saidNs > QUIET_NS) {
            saidUnreadable = unreadable;
            saidNs = nowNs;
            LOG.log(System.Logger.Level.WARNING, "{0} ({1})", text, files.segment(base));
        }
        return text;
    }

    @Nullable FrameRule frames() {
        return files.frames();
    }

    private FileChannel channel(long base) throws IOException {
        for (int i = 0; i < bases.length; i++) {
            FileChannel open = channels[i];
            if (bases[i] == base && open != null) {
                newest = i;
                return open;
            }
        }
        int slot = 1 - newest;
        FileChannel old = channels[slot];
        if (old != null) {
            channels[slot] = null;
            old.close();
        }
        FileChannel channel = FileChannel.open(files.segment(base), StandardOpenOption.READ);
        channels[slot] = channel;
        bases[slot] = base;
        newest = slot;
        return channel;
    }

    /** Forgets open files, for when the recording was cut. */
    @Override
    public void close() {
        for (int i = 0; i < channels.length; i++) {
            FileChannel channel = channels[i];
            channels[i] = null;
            bases[i] = -1;
            if (channel != null) {
                try {
                    channel.close();
                } catch (IOException e) {
                    throw new JournalException(
                            JournalException.Code.FAILED,
                            "cannot close a segment: " + e.getMessage(),
                            e);
                }
            }
        }
    }
}
