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

    /** Bytes that may be allocated now: free, not promised, and above the floor. */
    synchronized long available() throws IOException {
        long promised = 0;
        for (long each : promises.values()) {
            promised += each;
        }
        return Math.max(0, freeBytes() - FLOOR - promised);
    }

    /**
     * Promises up to {@code most} bytes, as many as there are; replaces an earlier promise.
     *
     * @return the bytes promised, 0 if none
     */
    synchronized long promise(Object owner, long most) throws IOException {
        promises.remove(owner);
        long granted = Math.min(most, available());
        if (granted > 0) {
            promises.put(owner, granted);
        }
        return granted;
    }

    /** The promise was kept, or is not needed any more. */
    synchronized void release(Object owner) {
        promises.remove(owner);
    }
}
