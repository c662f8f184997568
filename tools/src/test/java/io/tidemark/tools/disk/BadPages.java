package io.tidemark.tools.disk;

import java.util.NavigableSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Pages of files that cannot be read until they are written, as a whole: what a drive does with
 * sectors that it has given up. A write of a part needs the rest, so it fails as well.
 *
 * <p>Any thread.
 */
public final class BadPages {
    private static final long PAGE = DiskSpace.PAGE;

    private final Predicate<String> path;
    private final NavigableSet<Long> bad = new ConcurrentSkipListSet<>();
    private final AtomicLong struck = new AtomicLong();

    BadPages(Predicate<String> path, long offset, long length) {
        this.path = path;
        for (long page = offset / PAGE; page * PAGE < offset + length; page++) {
            bad.add(page);
        }
    }

    /** How many are left. */
    public int left() {
        return bad.size();
    }

    /** How many calls have failed. */
    public long struck() {
        return struck.get();
    }

    void judge(DiskCall call) {
        if (!path.test(call.path())) {
            return;
        }
        long end = call.offset() + call.length();
        switch (call.kind()) {
            case READ -> check(call.offset() / PAGE, pageBehind(end));
            case WRITE, ZERO -> {
                long whole = pageBehind(call.offset());
                check(call.offset() / PAGE, whole);
                check(Math.max(whole, end / PAGE), pageBehind(end));
                if (whole < end / PAGE) {
                    bad.subSet(whole, end / PAGE).clear();
                }
            }
            case RESIZE -> bad.tailSet(pageBehind(call.length())).clear();
            case CREATE, OPEN, ALLOCATE, SYNC, SYNC_FOLDER, MAKE_FOLDER, REMOVE, RENAME -> {}
        }
    }

    private void check(long from, long to) {
        if (from < to && !bad.subSet(from, to).isEmpty()) {
            struck.incrementAndGet();
            throw new DiskException(Errno.EIO);
        }
    }

    private static long pageBehind(long offset) {
        return (offset + PAGE - 1) / PAGE;
    }
}
