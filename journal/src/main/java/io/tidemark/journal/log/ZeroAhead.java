package io.tidemark.journal.log;

import io.tidemark.journal.JournalException;
import io.tidemark.journal.linux.ZeroWriter;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Writes zeroes into a journal's present segment ahead of the log, so that a flush writes blocks
 * that the file system has seen written before: an fdatasync of blocks that are only allocated, or
 * not even that, has to wait for a transaction of the file system too.
 *
 * <p>It doubles what is written, so it is done only where it pays: when syncs cover little each,
 * and no further than {@value #AHEAD} bytes.
 *
 * <p>The archive writes to the same file, somewhere below, and must never be overwritten. It is
 * driven by the data thread and records a bounded number of bytes each time, so it is enough that
 * the data thread asks first ({@link #mayRecord}). Each side says what it is about to do before it
 * looks at what the other one does:
 *
 * <pre>
 *   ####################~~~~~~~~~~~~|0000000000000000|0000~~~~~~~~~~~~~~~~
 *        recorded ^     at least    ^ chunk that is being written
 *                       {@link #MARGIN}
 * </pre>
 *
 * <p>Only blocks that are allocated are written to: a full disk stays what it was.
 */
public final class ZeroAhead implements AutoCloseable {
    /**
     * Distance that the log keeps from a chunk that is being written, in bytes: more than the
     * archive records between two questions.
     */
    public static final long MARGIN = 2L << 20;

    /** A sync of more bytes than this hardly feels what the file system adds. */
    private static final long SMALL = 64L << 10;

    private static final long AHEAD = 8L << 20;

    /** With less than this left, more is written. */
    private static final long LOW = 4L << 20;

    /** Written at a time. The log may have to wait for one. */
    private static final int CHUNK = 256 << 10;

    private static final int BLOCK = 4096;
    private static final long NONE = Long.MAX_VALUE;
    private static final long NOT_RECORDING = -1;

    /** Here blocks are never overwritten in place, or nothing is gained. */
    private static final Set<String> POINTLESS =
            Set.of("btrfs", "zfs", "bcachefs", "nilfs2", "f2fs", "tmpfs", "ramfs");

    private final LogFiles files;
    private final Runnable wakeup;
    private final Thread thread;

    /** First position of the chunk that is being written. */
    private volatile long writing = NONE;

    /** The data thread waits for the chunk. */
    private volatile boolean held;

    private volatile long recorded = NOT_RECORDING;
    private volatile long allocated;
    private volatile long synced;
    private volatile long zeroed;
    private volatile @Nullable RuntimeException failure;
    private volatile boolean closed;

    // This thread's own.
    private long base = -1;
    private int cuts = -1;
    private @Nullable ZeroWriter segment;

    /**
     * @param wakeup tells the data thread that something moved
     */
    public ZeroAhead(String name, LogFiles files, Runnable wakeup) {
        this.files = files;
        this.wakeup = wakeup;
        this.thread = Thread.ofPlatform().name("zero-" + name).daemon().start(this::run);
    }

    // ---- data thread; allocated: the thread that allocates

    /**
     * Whether the archive may be driven now. To be asked before each of its cycles.
     *
     * @param recordedTo exact end of what it has recorded, or -1 if it is not recording, or not
     *     known to
     */
    public boolean mayRecord(long recordedTo) {
        if (recordedTo != recorded) {
            recorded = recordedTo;
        }
        long chunk = writing;
        boolean may =
                chunk == NONE || (recordedTo != NOT_RECORDING && chunk - recordedTo >= MARGIN);
        if (may == held) {
            held = !may;
        }
        return may;
    }

    /** Blocks of the present segment are allocated up to here, or -1 if that is not known. */
    public void allocated(long position) {
        if (position != allocated) {
            allocated = position;
        }
    }

    /** Why zeroes are not written any more, or null: the disk failed. */
    public @Nullable RuntimeException failure() {
        return failure;
    }

    // ---- syncer's thread

    /** A sync of this range is done. */
    void synced(long from, long to) {
        if (to - from <= SMALL) {
            synced = to;
            if (zeroed - to < LOW || files.baseOf(to) != files.baseOf(zeroed)) {
                LockSupport.unpark(thread);
            }
        }
    }

    // ---- this thread

    private void run() {
        try {
            if (pointless()) {
                return;
            }
            while (!closed) {
                LockSupport.park(this);
                if (!closed) {
                    extend(synced);
                }
            }
        } catch (JournalException e) {
            failure = e;
            wakeup.run();
        } catch (IOException | RuntimeException | Error e) {
            failure = failed("zeroes cannot be written ahead of the journal at position ", e);
            wakeup.run();
        } finally {
            writing = NONE;
            closeSegment();
        }
    }

    private boolean pointless() throws IOException {
        FileStore store = Files.getFileStore(files.directory());
        return POINTLESS.contains(store.type());
    }

    private void extend(long from) throws IOException {
        ZeroWriter writer = open(from);
        if (writer == null) {
            return;
        }
        long segmentEnd = base + files.segmentLength();
        long to = Math.min(from + AHEAD, Math.min(segmentEnd, allocated));
        if (zeroed - from >= LOW || to - zeroed < BLOCK) {
            return;
        }
        boolean written = false;
        while (!closed && writeChunk(writer, to)) {
            written = true;
        }
        if (written) {
            sync(writer);
        }
    }

    /** Covers what is recorded too, so its failure is the journal's. */
    private void sync(ZeroWriter writer) {
        try {
            writer.sync();
        } catch (IOException e) {
            throw failed("fsync of the journal failed at position ", e);
        }
    }

    private JournalException failed(String what, Throwable e) {
        return new JournalException(
                JournalException.Code.FAILED,
                what + zeroed + ": " + e.getMessage() + ". Check the disk; the peers have the log",
                e);
    }

    /** The segment with this position; null if there is none. */
    private @Nullable ZeroWriter open(long position) throws IOException {
        int nowCuts = files.cuts();
        if (files.baseOf(position) == base && nowCuts == cuts && segment != null) {
            return segment;
        }
        closeSegment();
        base = files.baseOf(position);
        cuts = nowCuts;
        zeroed = position;
        try {
            segment = new ZeroWriter(files.segment(base), CHUNK);
        } catch (NoSuchFileException e) {
            // Cut away at this moment.
        }
        return segment;
    }

    /** Whether a chunk was written; not if the log is too close, has ended or needs none. */
    private boolean writeChunk(ZeroWriter writer, long to) throws IOException {
        long nearest = recorded + MARGIN + CHUNK;
        long start = (Math.max(zeroed, nearest) + BLOCK - 1) & -BLOCK;
        int length = (int) Math.min(CHUNK, (to & -BLOCK) - start);
        if (length <= 0) {
            return false;
        }
        boolean written = false;
        writing = start;
        try {
            long end = recorded;
            if (end != NOT_RECORDING
                    && start - end >= MARGIN
                    && files.baseOf(end) == base
                    && files.cuts() == cuts) {
                written = writer.write(start - base, length);
            }
        } finally {
            writing = NONE;
        }
        if (held) {
            wakeup.run();
        }
        if (written) {
            zeroed = start + length;
        }
        return written;
    }

    private void closeSegment() {
        ZeroWriter open = segment;
        segment = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
