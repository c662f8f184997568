package io.tidemark.tools.disk;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Something that goes wrong with some calls of a disk once it is armed. Describe it from left to
 * right: {@code DiskFault.on(Kind.WRITE, p -> p.endsWith(".rec")).from(3).fail(Errno.EIO)}.
 *
 * <p>Any thread.
 */
public final class DiskFault {
    private static final long LONGEST_HOLD_SECONDS = 60;

    private final DiskCall.Kind kind;
    private final Predicate<String> path;
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong struck = new AtomicLong();
    private final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private long firstCall = 1;
    private long lastCall = Long.MAX_VALUE;
    private int errno;
    private long accepted = -1;
    private boolean holds;

    private DiskFault(DiskCall.Kind kind, Predicate<String> path) {
        this.kind = kind;
        this.path = path;
    }

    /** Of calls of this kind on such paths. */
    public static DiskFault on(DiskCall.Kind kind, Predicate<String> path) {
        return new DiskFault(kind, path);
    }

    /** From the n-th such call on, counted from 1 since it was armed. */
    public DiskFault from(long n) {
        firstCall = n;
        return this;
    }

    /** Only the n-th such call. */
    public DiskFault only(long n) {
        firstCall = n;
        lastCall = n;
        return this;
    }

    /** They change nothing and fail. */
    public DiskFault fail(Errno with) {
        errno = with.number();
        return this;
    }

    /** Writes take no more than so many bytes, and succeed. */
    public DiskFault accept(long bytes) {
        accepted = bytes;
        return this;
    }

    /**
     * They wait for {@link #release}, then go on (or fail). While a sync waits, the kernel lets
     * nobody write to the same file; reads go on.
     */
    public DiskFault hold() {
        holds = true;
        return this;
    }

    /** Lets go on what is held. */
    public void release() {
        released.countDown();
    }

    /** How many calls it has hit. */
    public long struck() {
        return struck.get();
    }

    /** Returns once it has hit a call. */
    public DiskFault awaitStruck(Duration limit) throws InterruptedException {
        if (!first.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("no " + kind + " came that could fail, of " + calls);
        }
        return this;
    }

    /**
     * Judges a call.
     *
     * @return how many of its bytes may be written, not more than it wants
     */
    long judge(DiskCall call) {
        if (call.kind() != kind || !path.test(call.path())) {
            return call.length();
        }
        long n = calls.incrementAndGet();
        if (n < firstCall || n > lastCall) {
            return call.length();
        }
        struck.incrementAndGet();
        first.countDown();
        if (holds) {
            awaitRelease();
        }
        if (errno != 0) {
            throw new DiskException(errno);
        }
        return accepted < 0 ? call.length() : Math.min(accepted, call.length());
    }

    private void awaitRelease() {
        try {
            if (!released.await(LONGEST_HOLD_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("nobody has released a call that is held");
            }
        } catch (InterruptedException e) {
            throw new DiskException(Errno.EINTR);
        }
    }
}
