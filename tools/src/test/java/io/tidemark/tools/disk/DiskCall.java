package io.tidemark.tools.disk;

/**
 * A call that has come in at a disk and is not yet done.
 *
 * @param path of the file or folder from the disk's root on, without a leading /; a file that was
 *     removed keeps its last one
 * @param offset bytes, 0 where there is none
 * @param length bytes; of {@link Kind#RESIZE} the size wanted
 */
public record DiskCall(Kind kind, String path, long offset, long length) {
    /** What is called. */
    public enum Kind {
        CREATE,
        OPEN,
        READ,
        WRITE,
        RESIZE,
        ALLOCATE,
        ZERO,
        SYNC,
        SYNC_FOLDER,
        MAKE_FOLDER,
        REMOVE,
        RENAME
    }
}
