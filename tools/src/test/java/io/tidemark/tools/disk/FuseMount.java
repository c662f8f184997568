package io.tidemark.tools.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A mount of the kernel's FUSE and the threads that serve it: each reads a request, has it answered
 * and writes the reply, so that one that blocks holds up no other.
 *
 * <p>No thread of this process may touch a page that is mapped from the mount: a garbage collection
 * would wait for it, and it for a thread that the collection has stopped. Plain reads and writes
 * are harmless.
 */
final class FuseMount implements AutoCloseable {
    /** Most bytes of one write. */
    static final int MAX_WRITE = 1 << 20;

    private static final System.Logger LOG = System.getLogger(FuseMount.class.getName());
    private static final Path DEVICE = Path.of("/dev/fuse");
    private static final int BUFFER = MAX_WRITE + (64 << 10);
    private static final int THREADS = 6;
    private static final int NOTIFY_INVAL_INODE = 2;

    private final Path at;
    private final int fd;
    private final FuseHandler handler;
    private final List<Thread> threads = new ArrayList<>();

    private FuseMount(Path at, int fd, FuseHandler handler) {
        this.at = at;
        this.fd = fd;
        this.handler = handler;
    }

    /** Why nothing can be mounted here, or an empty text. */
    static String obstacle() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return "mounting a disk under test needs root";
        }
        int fd = Sys.open(DEVICE, Sys.O_RDWR | Sys.O_CLOEXEC, 0);
        if (fd < 0) {
            return "cannot open " + DEVICE + ", errno " + -fd;
        }
        Sys.close(fd);
        return "";
    }

    static FuseMount mount(String name, Path at, FuseHandler handler) throws IOException {
        int fd = Sys.open(DEVICE, Sys.O_RDWR | Sys.O_CLOEXEC, 0);
        if (fd < 0) {
            throw new IOException("cannot open " + DEVICE + ", errno " + -fd);
        }
        String options = "fd=" + fd + ",rootmode=40000,user_id=0,group_id=0";
        int result = Sys.mount(name, at, "fuse.tidemark-test", Sys.MS_NOSUID_NODEV, options);
        if (result < 0) {
            Sys.close(fd);
            throw new IOException("cannot mount at " + at + ", errno " + -result);
        }
        FuseMount mount = new FuseMount(at, fd, handler);
        for (int i = 0; i < THREADS; i++) {
            mount.threads.add(
                    Thread.ofPlatform()
                            .name("disk-" + name + "-" + i)
                            .daemon()
                            .start(mount::serve));
        }
        return mount;
    }

    private void serve() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(BUFFER, Long.BYTES);
            FuseReply reply = new FuseReply(arena.allocate(BUFFER, Long.BYTES));
            while (true) {
                long n = Sys.read(fd, in);
                if (n >= 0) {
                    answer(new FuseRequest(in, n), reply.clear());
                } else if (n == -Errno.ENODEV.number()) {
                    return;
                } else if (n != -Errno.ENOENT.number()
                        && n != -Errno.EINTR.number()
                        && n != -Errno.EAGAIN.number()) {
                    LOG.log(System.Logger.Level.ERROR, "the disk at {0} ends: errno {1}", at, -n);
                    return;
                }
            }
        }
    }

    private void answer(FuseRequest request, FuseReply reply) {
        int error;
        try {
            if (!handler.handle(request, reply)) {
                return;
            }
            error = 0;
        } catch (DiskException e) {
            error = e.errno();
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "a call of the disk at " + at + " failed", e);
            error = Errno.EIO.number();
        }
        // A failure to reply means that the caller has gone.
        Sys.write(fd, reply.finish(request.unique(), error));
    }

    /** Makes the kernel forget what it has cached of a file, so that reads come here. */
    void dropCache(int node) {
        try (Arena arena = Arena.ofConfined()) {
            FuseReply notice = new FuseReply(arena.allocate(64, Long.BYTES)).clear();
            notice.u64(node).u64(0).u64(0);
            long result = Sys.write(fd, notice.notice(NOTIFY_INVAL_INODE));
            if (result != -Errno.ENOENT.number()) {
                // Else it has never been looked at.
                DiskException.check(result);
            }
        }
    }

    /** Takes the mount away; who still uses it gets errors. */
    @Override
    public void close() {
        int result = Sys.unmount(at, Sys.MNT_FORCE_DETACH);
        if (result < 0) {
            LOG.log(System.Logger.Level.ERROR, "cannot unmount {0}: errno {1}", at, -result);
        }
        // The end of the connection ends their reads.
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        Sys.close(fd);
    }
}
