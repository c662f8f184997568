package io.tidemark.tools.disk;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/**
 * A disk under test: a mounted file system whose files lie in a folder of the host, that records
 * everything it is told, fails on demand and is as small as wanted.
 *
 * <p>What the folder holds when the disk is made is on the disk, and recorded as if it had been
 * written and synced by then. While it is mounted the folder may be read but not changed. Any
 * thread; see {@link FuseMount} about mapping its files in this process: do not.
 */
public final class RecordingDisk implements AutoCloseable {
    private static final long PLENTY = 1L << 40;

    private final DiskLog log;
    private final DiskSpace space = new DiskSpace(PLENTY);
    private final DiskFaults faults = new DiskFaults();
    private final DiskTree tree;
    private final FuseMount mount;
    private final Path at;
    private final Path host;
    private boolean closed;

    private RecordingDisk(Path at, Path host, DiskClock clock, int lastNumber) throws IOException {
        this.at = at;
        this.host = host;
        this.log = new DiskLog(clock);
        this.tree = new DiskTree(host, space, log, lastNumber);
        String name = String.valueOf(at.getFileName());
        this.mount = FuseMount.mount(name, at, new FuseCalls(tree, space, faults, log));
    }

    /** Skips the test with the reason if nothing can be mounted here. */
    public static void assumePossible() {
        String obstacle = FuseMount.obstacle();
        assumeTrue(obstacle.isEmpty(), obstacle);
    }

    /**
     * Mounts a disk.
     *
     * @param at an empty folder
     * @param host folder that holds the files
     */
    public static RecordingDisk mount(Path at, Path host, DiskClock clock) throws IOException {
        return mount(at, host, clock, DiskTree.ROOT);
    }

    /**
     * Mounts a disk.
     *
     * @param lastNumber files get numbers above it: those that are copied from another disk should
     *     not have the ones that they had there, or they pass for the same files
     */
    public static RecordingDisk mount(Path at, Path host, DiskClock clock, int lastNumber)
            throws IOException {
        return new RecordingDisk(at, host, clock, lastNumber);
    }

    /** Where it is mounted. */
    public Path root() {
        return at;
    }

    /** Where its files lie, to be looked at without asking the disk. */
    public Path host() {
        return host;
    }

    /** What it was told so far. */
    public List<DiskOp> ops() {
        return log.copy();
    }

    /** From now on nothing is recorded, for long tests that only want its faults. */
    public RecordingDisk recordNothing() {
        log.off();
        return this;
    }

    /** From now on calls suffer from this. */
    public DiskFault arm(DiskFault fault) {
        faults.arm(fault);
        return fault;
    }

    /**
     * Pages of these files cannot be read from now on, until they are written.
     *
     * @param offset in the file
     * @param length bytes; every page that holds some of them is concerned
     */
    public BadPages spoil(Predicate<String> paths, long offset, long length) {
        BadPages pages = new BadPages(paths, offset, length);
        faults.spoil(pages);
        dropCaches(paths);
        return pages;
    }

    /** All faults are gone; what they hold goes on. */
    public void cure() {
        faults.cure();
    }

    /** Its size from now on, in bytes; may be less than what is used. */
    public void quota(long bytes) {
        space.quota(bytes);
    }

    /** Bytes that files take, in whole pages. */
    public long used() {
        return space.usedBytes();
    }

    /**
     * Makes the kernel forget what it has cached of files, so that the next reads come to the disk.
     *
     * @param paths from the root on, without a leading /
     */
    public void dropCaches(Predicate<String> paths) {
        tree.files(paths).forEach(mount::dropCache);
    }

    /** Unmounts it; who still uses it gets errors. The files stay in the host's folder. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        faults.cure();
        mount.close();
        tree.close();
    }
}
