package io.tidemark.journal.log;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The file system that the journals of a node lie on. Space that cannot be allocated yet, because
 * the segment that will need it does not exist before the archive creates it, is promised here; all
 * resources of the node share it, so that none is promised twice.
 *
 * <p>Any thread. A call asks the file system and may block for a moment.
 */
public final class JournalDisk {
    /**
     * Bytes that are never promised or allocated: between a promise and the write that it was made
     * for somebody else may take space, and superblocks, branches and whatever else shares the disk
     * must be able to breathe.
     */
    public static final long FLOOR = 16L << 20;

    /** What is left of the floor when the nodes' own entries have drawn on it, in bytes. */
    static final long LAST = 4L << 20;

    private final Path directory;
    private final FileStore store;
    private final Map<Object, Long> promises = new HashMap<>();

    /**
     * @param directory of the journals; exists
     */
    public JournalDisk(Path directory) throws IOException {
        this.directory = directory;
        this.store = Files.getFileStore(directory);
    }

    public Path directory() {
        return directory;
    }

    /** Bytes that an ordinary user may still write, promised or not. */
    public long freeBytes() throws IOException {
        return store.getUsableSpace();
    }

    /** Bytes without an owner, those kept for the administrator included. */
    long unallocatedBytes() throws IOException {
        return store.getUnallocatedSpace();
    }

    /**
     * Bytes that may be allocated now: free, not promised, and above the floor.
     *
     * @param floor {@link #FLOOR}, or {@link #LAST} for the node's own entries
     */
    synchronized long available(long floor) throws IOException {
        long promised = 0;
        for (long each : promises.values()) {
            promised += each;
        }
        return Math.max(0, freeBytes() - floor - promised);
    }

    /**
     * Promises bytes, replacing an earlier promise; no less than are of use, or resources that hold
     * too little each would wait for each other; and where others may want some, no more than half
     * of what there is.
     *
     * @param least bytes that are of use
     * @param most bytes that are
     * @return the bytes promised, 0 if there are not enough
     */
    synchronized long promise(Object owner, long least, long most) throws IOException {
        promises.remove(owner);
        long available = available(FLOOR);
        long granted = Math.min(Math.min(most, available), Math.max(least, available / 2));
        if (granted < least || granted <= 0) {
            return 0;
        }
        promises.put(owner, granted);
        return granted;
    }

    /** The promise was kept, or is not needed any more. */
    synchronized void release(Object owner) {
        promises.remove(owner);
    }
}
