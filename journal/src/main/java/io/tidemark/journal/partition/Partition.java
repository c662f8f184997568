package io.tidemark.journal.partition;

import static io.tidemark.journal.partition.PartitionException.Code.IO;

import io.tidemark.journal.linux.Linux;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The lower device or file that a node projects a volume onto: bytes at offsets, from 0 to the
 * volume's size.
 *
 * <p><b>Fail-stop</b> (invariant I10): after a failed or short write, zeroing or sync every further
 * one is refused. A kernel reports a failed write-back to one fsync only, and the next one succeeds
 * over pages that are not on the device.
 *
 * <p><b>Threads.</b> {@link #read} from any thread; {@link #write}, {@link #zero} and {@link #sync}
 * from any thread, on ranges that do not overlap; {@link #close} when all have stopped. A thread
 * that may be inside must never be interrupted: that closes the channel.
 */
public final class Partition implements AutoCloseable {
    private static final int SCAN_BYTES = 1 << 20;
    private static final ByteBuffer ZEROES =
            ByteBuffer.allocateDirect(256 << 10).asReadOnlyBuffer();

    private final Path path;
    private final long volumeSizeBytes;
    private final long sizeBytes;
    private final int logicalBlockSize;
    private final PartitionGuard guard;
    private final FileChannel channel;

    /** The first failure that stopped it. */
    private volatile @Nullable PartitionException failure;

    private Partition(Path path, long volumeSizeBytes, PartitionGuard guard) throws IOException {
        this.path = path;
        this.volumeSizeBytes = volumeSizeBytes;
        this.guard = guard;
        this.sizeBytes = guard.sizeBytes();
        this.logicalBlockSize = guard.logicalBlockSize();
        this.channel =
                FileChannel.open(
                        guard.descriptor(), StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /**
     * Opens a partition and keeps everybody else away from it.
     *
     * @param path a file or a block device
     * @param volumeSizeBytes the part of it that is used, from its start
     * @throws PartitionException in use, too small, read-only, missing and the like, with what to
     *     do
     */
    public static Partition open(Path path, long volumeSizeBytes, CreateMode mode) {
        if (volumeSizeBytes <= 0) {
            throw new IllegalArgumentException("a volume of " + volumeSizeBytes + " bytes");
        }
        PartitionGuard guard = PartitionGuard.acquire(path, volumeSizeBytes, mode);
        try {
            return new Partition(path, volumeSizeBytes, guard);
        } catch (IOException e) {
            guard.close();
            throw new PartitionException(
                    IO, path, "cannot be opened (" + e + ")", "is /proc there?", e);
        } catch (PartitionException e) {
            guard.close();
            throw e;
        }
    }

    /** Whether this call of open made the file: its image is zeroes. */
    public boolean created() {
        return guard.created();
    }

    /**
     * False if the whole volume reads as zeroes: the file is one hole, or every byte was looked at,
     * which takes as long as reading the device; the first byte that is not zero ends it.
     */
    public boolean hasData() {
        return guard.hasData() && !readsAsZeroes();
    }

    private boolean readsAsZeroes() {
        ByteBuffer piece = ByteBuffer.allocateDirect(SCAN_BYTES);
        ByteBuffer zeroes = ByteBuffer.allocateDirect(SCAN_BYTES);
        for (long offset = 0; offset < volumeSizeBytes; offset += SCAN_BYTES) {
            piece.clear().limit((int) Math.min(SCAN_BYTES, volumeSizeBytes - offset));
            read(offset, piece);
            piece.flip();
            zeroes.clear().limit(piece.limit());
            if (piece.mismatch(zeroes) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** Of the device or file as it was opened, not less than the volume's. */
    public long sizeBytes() {
        return sizeBytes;
    }

    public long volumeSizeBytes() {
        return volumeSizeBytes;
    }

    /** Bytes; what the device writes at once. 512 for a file, which takes any length. */
    public int logicalBlockSize() {
        return logicalBlockSize;
    }

    /**
     * A description for the superblock that stays the same over reboots, as far as the system has
     * one.
     */
    public String identity() {
        return guard.identity();
    }

    /** Writes all of a buffer; its position ends at its limit. */
    public void write(long offset, ByteBuffer source) {
        Objects.checkFromIndexSize(offset, source.remaining(), volumeSizeBytes);
        checkNotFailed();
        long at = offset;
        while (source.hasRemaining()) {
            int written;
            try {
                written = channel.write(source, at);
            } catch (IOException e) {
                throw stop("write", at, source.remaining(), e.toString(), e);
            }
            if (written <= 0) {
                throw stop("write", at, source.remaining(), "nothing was written", null);
            }
            at += written;
        }
    }

    /**
     * Writes all of some buffers, one behind the other.
     *
     * @param gather their positions end at their limits; direct ones go down in one call
     * @param from index of the first
     * @param count of them
     */
    public void write(long offset, ByteBuffer[] gather, int from, int count) {
        Objects.checkFromIndexSize(from, count, gather.length);
        long length = GatherWrite.remaining(gather, from, count);
        Objects.checkFromIndexSize(offset, length, volumeSizeBytes);
        if (count > 1 && GatherWrite.allDirect(gather, from, count)) {
            checkNotFailed();
            writeDirect(offset, length, gather, from, count);
            return;
        }
        long at = offset;
        for (int i = from; i < from + count; i++) {
            int bytes = gather[i].remaining();
            write(at, gather[i]);
            at += bytes;
        }
    }

    private void writeDirect(long offset, long length, ByteBuffer[] gather, int from, int count) {
        try (GatherWrite write = new GatherWrite(gather, from, count)) {
            long at = offset;
            long end = offset + length;
            while (at < end) {
                long written = write.next(guard.fd(), at);
                if (written <= 0) {
                    String why =
                            written < 0 ? Linux.message((int) -written) : "nothing was written";
                    throw stop("write", at, end - at, why, null);
                }
                at += written;
            }
        }
    }

    /** Fills all of a buffer and returns how many bytes that were. */
    public int read(long offset, ByteBuffer target) {
        int length = target.remaining();
        Objects.checkFromIndexSize(offset, length, volumeSizeBytes);
        long at = offset;
        while (target.hasRemaining()) {
            int read;
            try {
                read = channel.read(target, at);
            } catch (IOException e) {
                throw failed("read", at, target.remaining(), e.toString(), e);
            }
            if (read <= 0) {
                throw failed("read", at, target.remaining(), "it ends there", null);
            }
            at += read;
        }
        return length;
    }

    /**
     * Makes a range read as zeroes, in the cheapest way that guarantees it; the last one is to
     * write them.
     *
     * @param mayPunch whether the space may be given back
     */
    public void zero(long offset, long length, boolean mayPunch) {
        Objects.checkFromIndexSize(offset, length, volumeSizeBytes);
        checkNotFailed();
        long end = offset + length;
        long block = guard.isDevice() ? logicalBlockSize : 1;
        long from = Math.ceilDiv(offset, block) * block;
        long to = end / block * block;
        if (from < to && zeroed(from, to - from, mayPunch)) {
            writeZeroes(offset, from);
            writeZeroes(to, end);
        } else {
            writeZeroes(offset, end);
        }
    }

    private boolean zeroed(long offset, long length, boolean mayPunch) {
        return (mayPunch && zeroed(offset, length, Linux.FALLOC_PUNCH_HOLE))
                || zeroed(offset, length, Linux.FALLOC_ZERO_RANGE);
    }

    private boolean zeroed(long offset, long length, int mode) {
        int result = Linux.fallocate(guard.fd(), mode | Linux.FALLOC_KEEP_SIZE, offset, length);
        return switch (-result) {
            case 0 -> true;
            case Linux.EIO, Linux.ENOSPC, Linux.EDQUOT, Linux.EFBIG ->
                    throw stop("zero", offset, length, Linux.message(-result), null);
            default -> false; // Not supported here, in one of many words.
        };
    }

    private void writeZeroes(long from, long to) {
        long at = from;
        while (at < to) {
            ByteBuffer zeroes = ZEROES.duplicate();
            int length = (int) Math.min(to - at, zeroes.capacity());
            write(at, zeroes.limit(length));
            at += length;
        }
    }

    /** Puts everything written before on stable storage (fdatasync). */
    public void sync() {
        checkNotFailed();
        try {
            channel.force(false);
        } catch (IOException e) {
            throw stop("sync", 0, volumeSizeBytes, e.toString(), e);
        }
    }

    /** Lets others have it. Syncs nothing. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed("close", 0, volumeSizeBytes, e.toString(), e);
        } finally {
            guard.close();
        }
    }

    private void checkNotFailed() {
        PartitionException first = failure;
        if (first != null) {
            throw new PartitionException(
                    IO,
                    path,
                    "was stopped by an earlier failure",
                    "cure that, then restart",
                    first);
        }
    }

    private PartitionException stop(
            String operation, long offset, long length, String why, @Nullable Throwable cause) {
        PartitionException exception = failed(operation, offset, length, why, cause);
        failure = exception;
        return exception;
    }

    private PartitionException failed(
            String operation, long offset, long length, String why, @Nullable Throwable cause) {
        String what = operation + " of " + length + " bytes at offset " + offset + " failed";
        return new PartitionException(
                IO,
                path,
                what + " (" + why + ")",
                "check the device (dmesg), then restart the node",
                cause);
    }
}
