package io.tidemark.tools.disk;

import static io.tidemark.tools.disk.DiskException.check;
import static io.tidemark.tools.disk.DiskSpace.PAGE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/**
 * The bytes of one file, kept in a file of the host, and which of its pages take space on the disk.
 * Every change is logged in the order in which it takes effect, which is that of this object's
 * monitor. Any thread.
 */
final class FileContent {
    private final int number;
    private final int fd;
    private final DiskSpace space;
    private final DiskLog log;
    private final BitSet taken = new BitSet();
    private long size;

    /**
     * @param fd of the host's file; closed by {@link #close}
     */
    FileContent(int number, int fd, DiskSpace space, DiskLog log) {
        this.number = number;
        this.fd = fd;
        this.space = space;
        this.log = log;
    }

    /** Takes what the host's file holds already as written and synced. */
    synchronized void load(long bytes) {
        resize(bytes);
        for (long from = data(0); from < size; ) {
            long to = check(Sys.lseek(fd, from, Sys.SEEK_HOLE));
            int pages = (int) ((to + PAGE - 1) / PAGE - from / PAGE);
            space.take(pages);
            taken.set((int) (from / PAGE), (int) (from / PAGE) + pages);
            logLoaded(from, to);
            from = data(to);
        }
        sync(log.arrival());
    }

    private long data(long from) {
        long found = Sys.lseek(fd, from, Sys.SEEK_DATA);
        return found == -Errno.ENXIO.number() ? size : check(found);
    }

    private void logLoaded(long from, long to) {
        byte[] bytes = new byte[(int) (to - from)];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(bytes.length);
            long done = 0;
            while (done < bytes.length) {
                long n = check(Sys.pread(fd, buffer.asSlice(done), from + done));
                if (n == 0) {
                    throw new DiskException(Errno.EIO);
                }
                done += n;
            }
            MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
        }
        log.add(clock -> new DiskOp.Write(clock, number, from, bytes));
    }

    synchronized long size() {
        return size;
    }

    synchronized long pages() {
        return taken.cardinality();
    }

    /** May read less at the end of the file. */
    long read(MemorySegment into, long offset) {
        long done = 0;
        while (done < into.byteSize()) {
            long n = check(Sys.pread(fd, into.asSlice(done), offset + done));
            if (n == 0) {
                break;
            }
            done += n;
        }
        return done;
    }

    /**
     * Writes what there is space for.
     *
     * @return bytes written
     */
    synchronized long write(MemorySegment data, long offset) {
        long length = takeSpace(offset, data.byteSize());
        if (length == 0 && data.byteSize() > 0) {
            throw new DiskException(Errno.ENOSPC);
        }
        MemorySegment part = data.asSlice(0, length);
        long done = 0;
        while (done < length) {
            done += check(Sys.pwrite(fd, part.asSlice(done), offset + done));
        }
        size = Math.max(size, offset + length);
        if (log.isOn()) {
            byte[] bytes = part.toArray(ValueLayout.JAVA_BYTE);
            log.add(clock -> new DiskOp.Write(clock, number, offset, bytes));
        }
        return length;
    }

    synchronized void resize(long to) {
        check(Sys.ftruncate(fd, to));
        size = to;
        release((to + PAGE - 1) / PAGE, Integer.MAX_VALUE);
        log.add(clock -> new DiskOp.Resize(clock, number, to));
    }

    /** Takes space for a range, all of it or none. */
    synchronized void allocate(long offset, long length, boolean keepSize) {
        takeAll(offset, length);
        grow(offset + length, keepSize);
    }

    /**
     * Makes a range read as zeroes.
     *
     * @param punch give its space back, else take space for it
     */
    synchronized void zero(long offset, long length, boolean punch, boolean keepSize) {
        if (punch) {
            release((offset + PAGE - 1) / PAGE, (offset + length) / PAGE);
        } else {
            takeAll(offset, length);
        }
        int mode = Sys.FALLOC_PUNCH_HOLE | Sys.FALLOC_KEEP_SIZE;
        check(Sys.fallocate(fd, mode, offset, length));
        grow(offset + length, keepSize);
        log.add(clock -> new DiskOp.Zero(clock, number, offset, length));
    }

    private void grow(long to, boolean keepSize) {
        if (!keepSize && to > size) {
            resize(to);
        }
    }

    /**
     * @param begin when the call came in
     */
    synchronized void sync(long begin) {
        log.add(clock -> new DiskOp.Sync(clock, number, begin));
    }

    synchronized long seek(long offset, int whence) {
        return check(Sys.lseek(fd, offset, whence));
    }

    /** The last use: no name and nobody has it open. */
    synchronized void close() {
        release(0, Integer.MAX_VALUE);
        check(Sys.close(fd));
    }

    private void takeAll(long offset, long length) {
        int from = (int) (offset / PAGE);
        int to = (int) ((offset + length + PAGE - 1) / PAGE);
        int missing = to - from - taken.get(from, to).cardinality();
        long got = space.take(missing);
        if (got < missing) {
            space.give(got);
            throw new DiskException(Errno.ENOSPC);
        }
        taken.set(from, to);
    }

    /** Takes space for as much of a range's beginning as there is. */
    private long takeSpace(long offset, long length) {
        int from = (int) (offset / PAGE);
        int to = (int) ((offset + length + PAGE - 1) / PAGE);
        int missing = to - from - taken.get(from, to).cardinality();
        long got = missing == 0 ? 0 : space.take(missing);
        int page = from;
        for (long left = got; page < to; page++) {
            if (!taken.get(page)) {
                if (left == 0) {
                    break;
                }
                taken.set(page);
                left--;
            }
        }
        return Math.max(0, Math.min(length, (long) page * PAGE - offset));
    }

    private void release(long fromPage, long toPage) {
        int from = (int) Math.min(fromPage, Integer.MAX_VALUE);
        int to = (int) Math.min(toPage, Math.max(from, taken.length()));
        if (from < to) {
            space.give(taken.get(from, to).cardinality());
            taken.clear(from, to);
        }
    }
}
