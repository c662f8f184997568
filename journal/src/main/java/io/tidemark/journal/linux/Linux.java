package io.tidemark.journal.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * The calls of 64-bit Linux that Java has no name for. As in the kernel, a result below zero is an
 * errno, negated. Stateless; any thread.
 */
@SuppressWarnings("restricted") // What this class is for; the launchers grant native access.
public final class Linux {
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_CLOEXEC = 0x80000;

    public static final int FALLOC_KEEP_SIZE = 0x01;
    public static final int FALLOC_PUNCH_HOLE = 0x02;
    public static final int FALLOC_ZERO_RANGE = 0x10;

    public static final int SEEK_END = 2;
    public static final int SEEK_DATA = 3;

    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int EAGAIN = 11;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ETXTBSY = 26;
    public static final int EFBIG = 27;
    public static final int ENOSPC = 28;
    public static final int EROFS = 30;
    public static final int EOPNOTSUPP = 95;
    public static final int EDQUOT = 122;

    /** Most buffers of one {@link #pwritev}. */
    public static final int IOV_MAX = 1024;

    public static final long IOVEC_BYTES = 16;

    private static final int F_OFD_SETLK = 37;
    private static final short F_WRLCK = 1;
    private static final int POSIX_FADV_DONTNEED = 4;
    private static final long FLOCK_BYTES = 32;
    private static final long BLKSSZGET = 0x1268;
    private static final long LONGEST_MESSAGE = 256;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

    private static final MethodHandle OPEN =
            variadic("open", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle FCNTL =
            variadic("fcntl", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle IOCTL =
            variadic("ioctl", JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
    private static final MethodHandle CLOSE = plain("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle FTRUNCATE = plain("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle FSYNC = plain("fsync", JAVA_INT, JAVA_INT);
    private static final MethodHandle FALLOCATE =
            plain("fallocate", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle LSEEK =
            plain("lseek", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle PWRITEV =
            plain("pwritev", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);
    private static final MethodHandle POSIX_FADVISE =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("posix_fadvise"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle STRERROR =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("strerror"),
                    FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private Linux() {}

    public static int open(Path path, int flags, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment name = arena.allocateFrom(path.toString());
            int result;
            do {
                result = result(state, (int) OPEN.invokeExact(state, name, flags, mode));
            } while (result == -EINTR);
            return result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Never again after a failure: the descriptor is gone either way. */
    public static int close(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return result(state, (int) CLOSE.invokeExact(state, fd));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /**
     * An exclusive lock on all bytes of a file, owned by the open file description; does not wait.
     */
    public static int lock(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment flock = arena.allocate(FLOCK_BYTES, Long.BYTES);
            flock.set(JAVA_SHORT, 0, F_WRLCK);
            return result(state, (int) FCNTL.invokeExact(state, fd, F_OFD_SETLK, flock));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The logical block size of a block device, in bytes. */
    public static int logicalBlockSize(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment size = arena.allocate(JAVA_INT);
            int result = result(state, (int) IOCTL.invokeExact(state, fd, BLKSSZGET, size));
            return result < 0 ? result : size.get(JAVA_INT, 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    public static int ftruncate(int fd, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return result(state, (int) FTRUNCATE.invokeExact(state, fd, bytes));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    public static int fsync(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return result(state, (int) FSYNC.invokeExact(state, fd));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    public static int fallocate(int fd, int mode, long start, long length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result;
            do {
                result = result(state, (int) FALLOCATE.invokeExact(state, fd, mode, start, length));
            } while (result == -EINTR);
            return result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    public static long lseek(int fd, long offset, int whence) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return result(state, (long) LSEEK.invokeExact(state, fd, offset, whence));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Drops what the page cache holds of a file, except for what is not written back yet. */
    public static int dropCached(int fd) {
        try {
            return -(int) POSIX_FADVISE.invokeExact(fd, 0L, 0L, POSIX_FADV_DONTNEED);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** May write less than all. */
    public static long pwritev(int fd, MemorySegment vectors, int count, long offset) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return result(state, (long) PWRITEV.invokeExact(state, fd, vectors, count, offset));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The C library's words for an errno. */
    public static String message(int errno) {
        try {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
            return text.reinterpret(LONGEST_MESSAGE).getString(0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static int result(MemorySegment state, int result) {
        return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    }

    private static long result(MemorySegment state, long result) {
        return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    }

    private static MethodHandle plain(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"));
    }

    /** All three have two fixed arguments. */
    private static MethodHandle variadic(
            String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(2));
    }

    private static AssertionError unexpected(Throwable e) {
        return new AssertionError("a downcall does not throw", e);
    }
}
