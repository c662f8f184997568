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

    /** Allocated at a time for the node's own entries. */
    private static final long DRAWN = 512L << 10;

    private static final int BLOCK = 4096;

    private final LogFiles files;
    private final JournalDisk disk;
    private final Runnable wakeup;
    private final ZeroAhead zeroAhead;
    private final Thread thread;

    private volatile long end;
    private volatile int endCuts = -1;
    private volatile long pending;
    private volatile long wanted;
    private volatile long least;
    private volatile int asked;
    private volatile long controlWanted;

    private volatile long reserved;
    private volatile long controlReserved;
    private volatile long controlAnswered;
    private volatile int reservedCuts = -1;
    private volatile int answered;
    private volatile boolean exhausted;
    private volatile long freeBytes;
    private volatile long availableBytes;
    private volatile @Nullable RuntimeException failure;
    private volatile boolean closed;

    // This thread's own.
    private long base = -1;
    private int cuts = -1;
    private long allocated;
    private long promised;
    private long promisedNs = System.nanoTime() - PROMISE_NS;
    private boolean unsupported;

    /**
     * @param wakeup tells the data thread that something moved
     */
    public SpaceKeeper(String name, LogFiles files, JournalDisk disk, Runnable wakeup) {
        this.files = files;
        this.disk = disk;
        this.wakeup = wakeup;
        this.zeroAhead = new ZeroAhead(name, files, wakeup);
        this.thread = Thread.ofPlatform().name("space-" + name).daemon().start(this::run);
    }

    // ---- data thread

    /**
     * The log ends here now. Every cycle; cheap unless a segment or another log begins.
     *
     * @param appended what will be recorded for sure; space that is promised for it stays so
     */
    public void position(long recorded, long appended) {
        if (appended != pending) {
            pending = appended;
        }
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
     * @param minimum position that is of use; space up to less is not held
     * @return number of the question, see {@link #answered}
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    public int ask(long position, long minimum) {
        wanted = position;
        least = minimum;
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

    /**
     * Whether there is space up to a position for entries of the node itself; where nothing else is
     * left, they draw on the floor of the disk. If not, it is looked for.
     */
    public boolean reservedForControl(long position) {
        if (reserved() >= position) {
            return true;
        }
        if (controlWanted != position) {
            controlWanted = position;
            LockSupport.unpark(thread);
        }
        return controlReserved >= position && reservedCuts == files.cuts();
    }

    /** Whether that was looked for in vain. It is looked for again by itself. */
    public boolean exhaustedForControl(long position) {
        return controlAnswered == position && controlReserved < position;
    }

    /** Whether the disk had not even the minimum asked for last. It is asked again by itself. */
    public boolean exhausted() {
        return exhausted;
    }

    /** Free bytes of the disk when it was last looked at. */
    public long freeBytes() {
        return freeBytes;
    }

    /** Bytes of it that could be reserved besides, when it was last looked at. */
    public long availableBytes() {
        return availableBytes;
    }

    public JournalDisk disk() {
        return disk;
    }

    /** Why space is not looked after any more, or null: the file system failed, not just filled. */
    public @Nullable RuntimeException failure() {
        RuntimeException failed = failure;
        return failed != null ? failed : zeroAhead.failure();
    }

    /** Writes zeroes to what is allocated; lives as long as this. */
    public ZeroAhead zeroAhead() {
        return zeroAhead;
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
            } else if (exhausted || unsupported || controlWanted > allocated) {
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
        long minimum = least;
        long control = controlWanted;
        if (ofCuts < 0) {
            return; // No position was told yet.
        }
        boolean known = files.baseOf(from) == base && ofCuts == cuts;
        base = files.baseOf(from);
        cuts = ofCuts;
        allocated = known ? Math.max(allocated, from) : from;
        long segmentEnd = base + files.segmentLength();
        boolean exists = Files.exists(files.segment(base));
        if (exists) {
            allocate(from, segmentEnd, !known);
            long drawTo = Math.min(control, segmentEnd);
            while (allocated < drawTo && drawn(from, drawTo)) {}
        } else {
            allocated = from;
        }
        boolean complete = exists ? allocated == segmentEnd : from == base;
        boolean asking = want > allocated && (question != answered || exhausted);
        if (complete && asking) {
            promisedNs = System.nanoTime();
        }
        boolean under = pending > allocated;
        boolean holds = complete && (under || System.nanoTime() - promisedNs < PROMISE_NS);
        if (holds && (under || want > allocated)) {
            // Anew each time: a segment may have been completed in the middle of what it is for.
            // What is appended already needs no more than that: less than was asked for is of use.
            long needed = under && !asking ? pending : minimum;
            promised = disk.promise(this, needed - allocated, promisable(from));
        } else {
            endPromise();
        }
        freeBytes = disk.freeBytes();
        availableBytes = unsupported ? 0 : disk.available(JournalDisk.FLOOR);
        long to = allocated + promised;
        boolean lasts = complete && disk.available(JournalDisk.LAST) >= control - to;
        publish(to, lasts ? Math.max(to, control) : to, asking && minimum > to, question, control);
    }

    /**
     * Most that may be promised: where nothing can be allocated, the rest of the segment counts.
     */
    private long promisable(long from) throws IOException {
        return unsupported
                ? Math.clamp(available(JournalDisk.FLOOR) - (allocated - from), 0, MOST_PROMISED)
                : MOST_PROMISED;
    }

    /** Whether some more of the present segment could be allocated for the node's own entries. */
    private boolean drawn(long from, long to) throws IOException {
        if (unsupported) {
            boolean enough = available(JournalDisk.LAST) >= to - from;
            allocated = enough ? to : allocated;
            return enough;
        }
        return available(JournalDisk.LAST) >= DRAWN && extended(Math.min(to, allocated + DRAWN));
    }

    /** What may be allocated: also what is promised to this one. */
    private long available(long floor) throws IOException {
        return disk.available(floor) + promised;
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
                && available(JournalDisk.FLOOR) >= segmentEnd - allocated
                && extended(segmentEnd)) {
            return;
        }
        while (!unsupported && allocated < segmentEnd) {
            boolean scarce = available(JournalDisk.FLOOR) < STEP;
            long before = disk.unallocatedBytes();
            if ((scarce && !fresh) || !extended(Math.min(segmentEnd, allocated + STEP))) {
                break;
            }
            if (scarce && disk.unallocatedBytes() < before) {
                break;
            }
        }
        if (unsupported) {
            allocated = Math.min(segmentEnd, from + available(JournalDisk.FLOOR));
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

    private void publish(
            long position, long forControl, boolean isExhausted, int question, long control) {
        zeroAhead.allocated(unsupported ? -1 : allocated);
        boolean moved =
                position != reserved
                        || forControl != controlReserved
                        || control != controlAnswered
                        || cuts != reservedCuts
                        || isExhausted != exhausted
                        || question != answered;
        reserved = position;
        controlReserved = forControl;
        reservedCuts = cuts;
        exhausted = isExhausted;
        controlAnswered = control;
        answered = question;
        if (moved) {
            wakeup.run();
        }
    }

    /** Holds nothing any more; does not wait for that. */
    public void stop() {
        closed = true;
        LockSupport.unpark(thread);
    }

    @Override
    public void close() {
        stop();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        zeroAhead.close();
    }
}
