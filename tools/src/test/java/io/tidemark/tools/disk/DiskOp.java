package io.tidemark.tools.disk;

/**
 * One thing that a disk was told, in the order in which it was told. Positions are bytes in a file;
 * a file is known by a number that it keeps when it is renamed and that no other file gets.
 *
 * <p>The clock counts the operations of all disks of a test and the events of its clients in one
 * sequence: what has a higher one came later, on whichever node.
 */
public sealed interface DiskOp {
    /** When it was done, in the test's one sequence. */
    long clock();

    /** Bytes were written; none of them is on stable storage before the file is synced. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and there are many
    record Write(long clock, int file, long offset, byte[] data) implements DiskOp {}

    /** The file's size was set; a longer file reads as zeroes where it was not written. */
    record Resize(long clock, int file, long size) implements DiskOp {}

    /** A range reads as zeroes now, by fallocate with PUNCH_HOLE or ZERO_RANGE. */
    record Zero(long clock, int file, long offset, long length) implements DiskOp {}

    /**
     * fsync or fdatasync of a file returned without an error.
     *
     * @param begin clock when the call came in: what was done before is on stable storage
     */
    record Sync(long clock, int file, long begin) implements DiskOp {}

    /** A new empty file got a name. Paths are relative to the disk's root, without a leading /. */
    record Create(long clock, int file, String path) implements DiskOp {}

    /** A folder was made. */
    record MakeFolder(long clock, String path) implements DiskOp {}

    /** A name of a file or of an empty folder was removed. */
    record Remove(long clock, String path) implements DiskOp {}

    /** A file got another name; what had that name before is gone. */
    record Rename(long clock, String from, String to) implements DiskOp {}

    /**
     * fsync of a folder returned without an error: the names in it are on stable storage.
     *
     * @param path empty for the root
     * @param begin as in {@link Sync}
     */
    record SyncFolder(long clock, String path, long begin) implements DiskOp {}
}
