package io.tidemark.tools.crash;

import io.tidemark.tools.disk.DiskOp;
import org.jspecify.annotations.Nullable;

/**
 * One file as the page cache has it and as the disk has it. They are the same until the first
 * operation that is not on stable storage; from then on sectors are taken over from the cache as
 * the survivors say. One thread.
 */
final class FileReplay {
    private final FileImage cache = new FileImage();
    private @Nullable FileImage disk;

    void write(DiskOp.Write op, Stability stability, Survivors survivors) {
        boolean sure = stability.written(op, op.file());
        FileImage below = sure ? null : disk();
        long sizeBefore = cache.size();
        cache.write(op.offset(), op.data());
        if (below != null) {
            takeSectors(below, op, op.offset(), op.data().length, survivors);
            if (cache.size() > sizeBefore && survivors.size(op, op.file())) {
                below.resize(Math.max(below.size(), cache.size()));
            }
        }
    }

    void zero(DiskOp.Zero op, Stability stability, Survivors survivors) {
        FileImage below = stability.written(op, op.file()) ? null : disk();
        cache.zero(op.offset(), op.length());
        long length = Math.min(op.length(), cache.size() - op.offset());
        if (below != null && length > 0) {
            takeSectors(below, op, op.offset(), length, survivors);
        }
    }

    void resize(DiskOp.Resize op, Stability stability, Survivors survivors) {
        FileImage below = stability.written(op, op.file()) ? null : disk();
        cache.resize(op.size());
        if (below != null && survivors.size(op, op.file())) {
            below.resize(op.size());
        }
    }

    FileImage onDisk() {
        return disk == null ? cache : disk;
    }

    private FileImage disk() {
        FileImage forked = disk;
        if (forked == null) {
            forked = cache.fork();
            disk = forked;
        }
        return forked;
    }

    private void takeSectors(
            FileImage below, DiskOp op, long offset, long length, Survivors survivors) {
        long last = (offset + length - 1) / FileImage.SECTOR;
        for (long sector = offset / FileImage.SECTOR; length > 0 && sector <= last; sector++) {
            if (survivors.sector(op)) {
                below.takeSector(cache, sector);
            }
        }
    }
}
