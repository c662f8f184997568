package io.tidemark.tools.crash;

import io.tidemark.tools.disk.DiskOp;
import io.tidemark.tools.it.PairOnDisks.Side;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Syncs that a node could have forgotten. A record without them is that of a node which does not
 * make these calls, since a sync has no other effect.
 */
enum LostSyncs {
    /** Of segment files, before anything is called durable. */
    SEGMENTS("/journal/[0-9]+-[0-9]+\\.rec", true),
    /** Of the superblock when it is made. */
    SUPERBLOCK("/superblock(\\.new)?", true),
    /** Of the superblock's later stores: also of an applyLimit, before its window is applied. */
    SUPERBLOCK_STORES("/superblock(\\.new)?", false),
    /** Of the partition at checkpoints. */
    PARTITION_AT_CHECKPOINT("^r0\\.img", false),
    /** Of the folder that a new segment is in. */
    JOURNAL_FOLDER("/journal$", true),
    /** Of the archive's catalog, which knows the recording. */
    CATALOG("/journal/archive\\.catalog", true);

    private final String path;
    private final boolean first;

    /**
     * @param first whether the first sync of each file is lost too
     */
    LostSyncs(String path, boolean first) {
        this.path = path;
        this.first = first;
    }

    RecordedRun in(RecordedRun run) {
        Map<Side, List<DiskOp>> left = new EnumMap<>(Side.class);
        int lost = 0;
        for (Side side : Side.values()) {
            List<DiskOp> all = run.ops(side);
            Set<Integer> files = filesOf(all);
            Set<Object> synced = new HashSet<>();
            List<DiskOp> kept =
                    all.stream()
                            .filter(
                                    op -> {
                                        Object what = synced(op, files);
                                        return what == null || (!first && synced.add(what));
                                    })
                            .toList();
            lost += all.size() - kept.size();
            left.put(side, kept);
        }
        if (lost == 0) {
            throw new IllegalStateException(this + " finds no sync to lose: is the path another?");
        }
        return new RecordedRun(left, run.history(), run.inSync(), run.alone());
    }

    /** What is synced, if it is one of ours. */
    private @Nullable Object synced(DiskOp op, Set<Integer> files) {
        return switch (op) {
            case DiskOp.Sync sync when files.contains(sync.file()) -> sync.file();
            case DiskOp.SyncFolder sync when named(sync.path()) -> sync.path();
            default -> null;
        };
    }

    private boolean named(String other) {
        return Pattern.compile(path).matcher(other).find();
    }

    private Set<Integer> filesOf(List<DiskOp> all) {
        Set<Integer> files = new HashSet<>();
        for (DiskOp op : all) {
            if (op instanceof DiskOp.Create create && named(create.path())) {
                files.add(create.file());
            }
        }
        return files;
    }
}
