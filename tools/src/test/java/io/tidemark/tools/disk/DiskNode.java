package io.tidemark.tools.disk;

import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A file, folder or socket of the disk, known by a number that is never used again. Name, parent
 * and counts belong to {@link DiskTree} and its lock.
 */
abstract sealed class DiskNode {
    static final int S_IFSOCK = 0xC000;
    static final int S_IFREG = 0x8000;
    static final int S_IFDIR = 0x4000;
    static final int S_IFMT = 0xF000;

    final int number;
    String name;
    @Nullable Folder parent;

    /** References of the kernel. */
    long lookups;

    /** File type and permissions. */
    volatile int mode;

    volatile int uid;
    volatile int gid;

    /** In milliseconds since 1970. */
    volatile long modifiedMs = System.currentTimeMillis();

    DiskNode(int number, @Nullable Folder parent, String name, int mode) {
        this.number = number;
        this.parent = parent;
        this.name = name;
        this.mode = mode;
    }

    abstract long size();

    abstract long pages();

    void touch() {
        modifiedMs = System.currentTimeMillis();
    }

    /** With the names in it, sorted. */
    static final class Folder extends DiskNode {
        final SortedMap<String, DiskNode> children = new TreeMap<>();

        Folder(int number, @Nullable Folder parent, String name, int permissions) {
            super(number, parent, name, S_IFDIR | permissions);
        }

        @Override
        long size() {
            return DiskSpace.PAGE;
        }

        @Override
        long pages() {
            return 1;
        }
    }

    /** Content and its changes; their order is that of this object's monitor. */
    static final class File extends DiskNode {
        final FileContent content;
        int opens;

        File(int number, Folder parent, String name, int permissions, FileContent content) {
            super(number, parent, name, S_IFREG | permissions);
            this.content = content;
        }

        @Override
        long size() {
            return content.size();
        }

        @Override
        long pages() {
            return content.pages();
        }
    }

    /** A name that the kernel binds sockets to; nothing of it is stored. */
    static final class Socket extends DiskNode {
        Socket(int number, Folder parent, String name, int permissions) {
            super(number, parent, name, S_IFSOCK | permissions);
        }

        @Override
        long size() {
            return 0;
        }

        @Override
        long pages() {
            return 0;
        }
    }
}
