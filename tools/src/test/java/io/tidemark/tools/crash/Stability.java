package io.tidemark.tools.crash;

import io.tidemark.tools.disk.DiskOp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is on stable storage after some operations: whatever was done before a sync began. */
final class Stability {
    private final Map<Integer, Long> files = new HashMap<>();
    private final Map<String, Long> folders = new HashMap<>();
    private final long stableUntil;

    /**
     * @param stableUntil clock up to which everything is on stable storage, synced or not
     */
    Stability(List<DiskOp> done, long stableUntil) {
        this.stableUntil = stableUntil;
        for (DiskOp op : done) {
            if (op instanceof DiskOp.Sync sync) {
                files.merge(sync.file(), sync.begin(), Math::max);
            } else if (op instanceof DiskOp.SyncFolder sync) {
                folders.merge(sync.path(), sync.begin(), Math::max);
            }
        }
    }

    /** Whether an operation on a file's bytes or size is on stable storage. */
    boolean written(DiskOp op, int file) {
        return op.clock() <= stableUntil || op.clock() < files.getOrDefault(file, 0L);
    }

    /** Whether an operation on a name is on stable storage. */
    boolean named(DiskOp op, String path) {
        return op.clock() <= stableUntil
                || op.clock() < folders.getOrDefault(NameTree.parent(path), 0L);
    }
}
