package io.tidemark.journal.log;

import io.tidemark.journal.JournalException;
import io.tidemark.journal.linux.Preallocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a resource's journal ahead of what is recorded: the one thread that allocates blocks of its
 * segments. Below {@link #reserved} the archive cannot fail for lack of space.
 *
 * <p>The present segment is allocated up to its end as soon as it exists, or as far as the disk
 * goes. The next one cannot be: the archive creates it, and refuses to find it there. For its first
 * bytes the free space of the disk is promised instead ({@link JournalDisk}), on demand and for a
 * moment only, because anybody may take what is merely free; the promise ends as soon as the
 * segment exists and is allocated.
 *
 * <p>The data thread says where the log ends ({@link #position}) and how far it would like to go
 * ({@link #ask}); this thread answers by positions. The calls of both sides never wait for each
 * other.
 *
 * <pre>
 *   segment ------------------------------+ next segment (not there yet)
 *   ####################~~~~~~~~~~~~~~~~~~|~~~~~~~~~~~~~~~
 *                       ^ recorded         ^ allocated     ^ reserved = allocated + promised
 * </pre>
 */
public final class SpaceKeeper implements AutoCloseable {
    /** Most that is promised of a segment that does not exist yet: one largest request and more. */
    private static final long MOST_PROMISED = 96L << 20;

    /** A promise that is not used within this time ends. */
    private static final long PROMISE_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** How often a disk without space is asked again. */
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(250);

    /** Allocated at a time when not everything can be had. */
    private static final long STEP = 4L << 20;

    private static final int BLOCK = 4096;

    private final LogFiles files;
    private final JournalDisk disk;
    private final Runnable wakeup;
    private final Thread thread;

    private volatile long end;
    private volatile int endCuts = -1;
    private volatile long wanted;
    private volatile int asked;

    private volatile long reserved;
    private volatile int reservedCuts = -1;
    private volatile int answered;
    private volatile boolean exhausted;
    private volatile long freeBytes;
    private volatile @Nullable RuntimeException failure;
    private volatile boolean closed;

    // This thread's own.
    private long base = -1;
    private int cuts = -1;
    private long allocated;
    private long promised;
    private long promisedNs;
    private boolean unsupported;

    /**
     * @param wakeup tells the data thread that something moved
     */
    public SpaceKeeper(String name, LogFiles files, JournalDisk disk, Runnable wakeup) {
        this.files = files;
        this.disk = disk;
        this.wakeup = wakeup;
        this.thread = Thread.ofPlatform().name("space-" + name).daemon().start(this::run);
    }

    // ---- data thread

    /** The log ends here now. Every cycle; cheap unless a segment or another log begins. */
    public void position(long recorded) {
        int nowCuts = files.cuts();
        boolean other = nowCuts != endCuts || files.baseOf(recorded) != files.baseOf(end);
        if (recorded != end) {
            end = recorded;
        }
        if (other) {
            // After the position: whoever sees the new count sees no position of before the cut.
            endCuts = nowCuts;
            LockSupport.unpark(thread);
        }
    }

    /**
     * Asks for space up to a position; does nothing while an earlier call is unanswered.
     *
     * @return number of the question, see {@link #answered}
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    public int ask(long position) {
        wanted = position;
        if (answered == asked) {
            asked++;
            LockSupport.unpark(thread);
        }
        return asked;
    }

    /**
     * Number of the last question that was answered, by {@link #reserved} and {@link #exhausted}.
     */
    public int answered() {
        return answered;
    }

    /**
     * Position up to which what is appended will find space, or -1 if it is not known: another log
     * has just begun, or this one was cut.
     */
    public long reserved() {
        int of = reservedCuts;
        long position = reserved;
        return of == files.cuts() ? position : -1;
    }

    /** Whether the disk could not give all that was asked for last. It is asked again by itself. */
    public boolean exhausted() {
        return exhausted;
    }

    /** Free bytes of the disk when it was last looked at. */
    public long freeBytes() {
        return freeBytes;
    }

    public JournalDisk disk() {
        return disk;
    }

    /** Why space is not looked after any more, or null: the file system failed, not just filled. */
    public @Nullable RuntimeException failure() {
        return failure;
    }

    // ---- this thread

    private void run() {
        while (!closed) {
            try {
                step();
            } catch (IOException | RuntimeException | Error e) {
                disk.release(this);
                failure =
                        new JournalException(
                                JournalException.Code.FAILED,
                                "space for the journal cannot be reserved in "
                                        + disk.directory()
                                        + ": "
                                        + e.getMessage()
                                        + ". Check the disk; the peers have the log",
                                e);
                wakeup.run();
                return;
            }
            if (promised > 0) {
                LockSupport.parkNanos(this, PROMISE_NS);
            } else if (exhausted || unsupported) {
                LockSupport.parkNanos(this, POLL_NS);
            } else {
                LockSupport.park(this);
            }
        }
        disk.release(this);
    }

    private void step() throws IOException {
        int question = asked;
        int ofCuts = endCuts;
        long from = end;
        long want = wanted;
        if (ofCuts < 0) {
            return; // No position was told yet.
        }
        boolean known = files.baseOf(from) == base && ofCuts == cuts;
        base = files.baseOf(from);
        cuts = ofCuts;
        allocated = known ? Math.max(allocated, from) : from;
        long segmentEnd = base + files.segmentLength();
        boolean complete;
        if (Files.exists(files.segment(base))) {
            if (!known || allocated < segmentEnd) {
                endPromise();
            }
            allocate(from, segmentEnd, !known);
            complete = allocated == segmentEnd;
        } else {
            allocated = from;
            complete = from == base;
        }
        boolean asking = want > allocated && (question != answered || exhausted);
        if (complete && asking) {
            promised = disk.promise(this, promisable(from));
            promisedNs = System.nanoTime();
        } else if (!complete || System.nanoTime() - promisedNs >= PROMISE_NS) {
            endPromise();
        }
        freeBytes = disk.freeBytes();
        publish(allocated + promised, asking && want > allocated + promised, question);
    }

    /**
     * Most that may be promised: where nothing can be allocated, the rest of the segment counts.
     */
    private long promisable(long from) throws IOException {
        return unsupported
                ? Math.clamp(disk.available() - (allocated - from), 0, MOST_PROMISED)
                : MOST_PROMISED;
    }

    private void endPromise() {
        if (promised > 0) {
            disk.release(this);
            promised = 0;
        }
    }

    /**
     * Allocates the present segment, as far as it goes.
     *
     * @param fresh whether it may have blocks already, from an earlier life: these take no space
     */
    private void allocate(long from, long segmentEnd, boolean fresh) throws IOException {
        if (!unsupported
                && allocated < segmentEnd
                && disk.available() >= segmentEnd - allocated
                && extended(segmentEnd)) {
            return;
        }
        while (!unsupported && allocated < segmentEnd) {
            boolean scarce = disk.available() < STEP;
            long before = disk.unallocatedBytes();
            if ((scarce && !fresh) || !extended(Math.min(segmentEnd, allocated + STEP))) {
                break;
            }
            if (scarce && disk.unallocatedBytes() < before) {
                break;
            }
        }
        if (unsupported) {
            allocated = Math.min(segmentEnd, from + disk.available());
        }
    }

    /** Whether the present segment is allocated up to a position now. */
    private boolean extended(long to) throws IOException {
        long start = (allocated - base) & -BLOCK;
        try {
            switch (Preallocation.allocate(files.segment(base), start, to - base - start)) {
                case DONE -> {
                    allocated = to;
                    return true;
                }
                case UNSUPPORTED -> unsupported = true;
                case NO_SPACE -> {}
            }
        } catch (NoSuchFileException e) {
            // Cut away at this moment; the count of cuts will say so.
        }
        return false;
    }

    private void publish(long position, boolean isExhausted, int question) {
        boolean moved =
                position != reserved
                        || cuts != reservedCuts
                        || isExhausted != exhausted
                        || question != answered;
        reserved = position;
        reservedCuts = cuts;
        exhausted = isExhausted;
        answered = question;
        if (moved) {
            wakeup.run();
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
