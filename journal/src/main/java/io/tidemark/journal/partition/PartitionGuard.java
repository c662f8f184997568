package io.tidemark.journal.partition;

import static io.tidemark.journal.partition.PartitionException.Code.IN_USE;
import static io.tidemark.journal.partition.PartitionException.Code.IO;
import static io.tidemark.journal.partition.PartitionException.Code.MISSING;
import static io.tidemark.journal.partition.PartitionException.Code.MISSING_DIRECTORY;
import static io.tidemark.journal.partition.PartitionException.Code.NOT_FILE_OR_BLOCK_DEVICE;
import static io.tidemark.journal.partition.PartitionException.Code.NO_PERMISSION;
import static io.tidemark.journal.partition.PartitionException.Code.READ_ONLY;
import static io.tidemark.journal.partition.PartitionException.Code.TOO_SMALL;

import io.tidemark.journal.DurableFolders;
import io.tidemark.journal.linux.Linux;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The descriptor that keeps everybody else away from a partition for as long as the node runs
 * (invariant I11), and all checks before it is used.
 *
 * <p>A block device is claimed with O_EXCL, which no mount, swap, device-mapper table or other
 * claim shares. A file is locked as a whole by an <em>open file description</em> lock and not by
 * {@link FileChannel#tryLock()}: that one is a lock of the process, which goes silently when any
 * descriptor of the file is closed anywhere in it, and does not conflict within it. This one does,
 * and conflicts with those of other programs too (QEMU locks ranges of its images). Loop devices
 * lock nothing, so they are looked for.
 *
 * <p>A class of its own because refusing well is most of the work. Opened and closed by one thread.
 */
final class PartitionGuard implements AutoCloseable {
    private static final int S_IFMT = 0xf000;
    private static final int S_IFBLK = 0x6000;
    private static final int S_IFREG = 0x8000;
    private static final int OWNER_ONLY = 0600;
    private static final int FILE_BLOCK_BYTES = 512;
    private static final Path DEVICES = Path.of("/dev");
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final Path path;
    private final @Nullable BlockDevice device;
    private int fd;
    private boolean created;

    private PartitionGuard(Path path, @Nullable BlockDevice device, int fd) {
        this.path = path;
        this.device = device;
        this.fd = fd;
    }

    static PartitionGuard acquire(Path path, long volumeSizeBytes, CreateMode mode) {
        PartitionGuard guard =
                switch (typeOf(path)) {
                    case 0 -> createFile(path, mode);
                    case S_IFREG -> openFile(path);
                    case S_IFBLK -> openDevice(path);
                    default ->
                            throw new PartitionException(
                                    NOT_FILE_OR_BLOCK_DEVICE,
                                    path,
                                    "is neither a file nor a block device",
                                    "name a file, a partition, a drive or a loop device");
                };
        try {
            guard.checkSize(volumeSizeBytes, mode);
            return guard;
        } catch (PartitionException e) {
            guard.close();
            throw e;
        }
    }

    int fd() {
        return fd;
    }

    boolean isDevice() {
        return device != null;
    }

    boolean created() {
        return created;
    }

    long sizeBytes() {
        return checked("size", Linux.lseek(fd, 0, Linux.SEEK_END));
    }

    int logicalBlockSize() {
        return device == null
                ? FILE_BLOCK_BYTES
                : (int) checked("block size", Linux.logicalBlockSize(fd));
    }

    /** False only if the file system says that there is nothing but a hole. */
    boolean hasData() {
        return device != null || Linux.lseek(fd, 0, Linux.SEEK_DATA) != -Linux.ENXIO;
    }

    String identity() {
        if (device != null) {
            return device.identity();
        }
        try {
            // Without the number of its file system's device, which may be another one after a
            // reboot.
            return "file inode " + Files.getAttribute(descriptor(), "unix:ino");
        } catch (IOException e) {
            throw new PartitionException(
                    IO, path, "has no inode (" + e + ")", "is /proc there?", e);
        }
    }

    /** The open file itself, whatever its path means by now. */
    Path descriptor() {
        return Path.of("/proc/self/fd/" + fd);
    }

    @Override
    public void close() {
        if (fd >= 0) {
            Linux.close(fd);
            fd = -1;
        }
    }

    private static int typeOf(Path path) {
        try {
            return (int) Files.getAttribute(path, "unix:mode") & S_IFMT;
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new PartitionException(
                    NO_PERMISSION, path, "cannot be looked at (" + e + ")", "check its path", e);
        }
    }

    private static PartitionGuard createFile(Path path, CreateMode mode) {
        Path directory = path.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new PartitionException(
                    MISSING_DIRECTORY, path, "has no directory to be in", "create " + directory);
        }
        // A device that is gone must not come back as a file in memory.
        boolean amongDevices =
                directory.startsWith(DEVICES) && !directory.startsWith(SHARED_MEMORY);
        if (mode == CreateMode.MUST_EXIST || amongDevices) {
            throw new PartitionException(
                    MISSING, path, "does not exist", "attach the device or correct the path");
        }
        int flags = Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL | Linux.O_CLOEXEC;
        int fd = Linux.open(path, flags, OWNER_ONLY);
        return fd == -Linux.EEXIST ? openFile(path) : locked(path, fd);
    }

    private static PartitionGuard openFile(Path path) {
        return locked(path, Linux.open(path, Linux.O_RDWR | Linux.O_CLOEXEC, 0));
    }

    private static PartitionGuard locked(Path path, int fd) {
        if (fd == -Linux.ETXTBSY) {
            throw inUse(path, "as swap space or as a running program");
        }
        if (fd < 0) {
            throw notOpened(path, -fd);
        }
        int refused = Linux.lock(fd);
        if (refused < 0) {
            Linux.close(fd); // Before the search, which would find it.
            if (refused == -Linux.EAGAIN || refused == -Linux.EACCES) {
                throw inUse(path, PartitionUsers.ofFile(path));
            }
            throw new PartitionException(
                    IO,
                    path,
                    "cannot be locked (" + Linux.message(-refused) + ")",
                    "use a file system with file locks");
        }
        String loop = PartitionUsers.loopDeviceOn(path);
        if (loop != null) {
            Linux.close(fd);
            throw inUse(path, "by " + loop + ", which lies on it");
        }
        return new PartitionGuard(path, null, fd);
    }

    private static PartitionGuard openDevice(Path path) {
        BlockDevice device;
        try {
            device = BlockDevice.of(path);
        } catch (IOException e) {
            throw new PartitionException(IO, path, "went away (" + e + ")", "attach it again", e);
        }
        if (device.readOnly()) {
            throw new PartitionException(
                    READ_ONLY, path, "is read-only", "blockdev --setrw, or use another device");
        }
        int fd = Linux.open(path, Linux.O_RDWR | Linux.O_EXCL | Linux.O_CLOEXEC, 0);
        if (fd == -Linux.EBUSY) {
            throw inUse(path, PartitionUsers.ofDevice(path, device));
        }
        if (fd < 0) {
            throw notOpened(path, -fd);
        }
        return new PartitionGuard(path, device, fd);
    }

    private void checkSize(long volumeSizeBytes, CreateMode mode) {
        long size = sizeBytes();
        if (size == 0 && device == null && mode == CreateMode.CREATE_IF_MISSING) {
            // New, or left empty by a crash right here.
            extend(volumeSizeBytes);
            created = true;
        } else if (size < volumeSizeBytes) {
            throw new PartitionException(
                    TOO_SMALL,
                    path,
                    "has " + size + " bytes, its volume " + volumeSizeBytes,
                    "enlarge it, or make the volume smaller on all nodes");
        }
    }

    private void extend(long bytes) {
        checked("sparse file of " + bytes + " bytes", Linux.ftruncate(fd, bytes));
        checked("sync", Linux.fsync(fd));
        try {
            DurableFolders.syncNameOf(path);
        } catch (IOException e) {
            throw new PartitionException(
                    IO, path, "was created, not durably (" + e + ")", "check its folder", e);
        }
    }

    private long checked(String what, long result) {
        if (result < 0) {
            throw new PartitionException(
                    IO,
                    path,
                    what + " failed (" + Linux.message((int) -result) + ")",
                    "check the device or the file system it is on");
        }
        return result;
    }

    private static PartitionException inUse(Path path, String by) {
        return new PartitionException(
                IN_USE, path, "is in use " + by, "free it, or name another partition");
    }

    private static PartitionException notOpened(Path path, int errno) {
        String why = "cannot be opened for writing (" + Linux.message(errno) + ")";
        return switch (errno) {
            case Linux.EROFS ->
                    new PartitionException(
                            READ_ONLY, path, why, "mount its file system read-write");
            case Linux.EACCES, Linux.EPERM ->
                    new PartitionException(
                            NO_PERMISSION, path, why, "give the node's user read and write access");
            default -> new PartitionException(IO, path, why, "check the device or file system");
        };
    }
}
