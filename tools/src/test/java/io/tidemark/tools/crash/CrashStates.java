package io.tidemark.tools.crash;

import io.tidemark.tools.disk.DiskOp;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The states that a power cut may leave of one disk, by what POSIX promises and nothing more.
 *
 * <ul>
 *   <li>Bytes, zeroed ranges and sizes are on stable storage after a sync of their file that began
 *       later. Before, every sector of 512 bytes holds, by itself, what it held after any of the
 *       operations since; whether a size is the new one is open too, but a sector that is there
 *       implies the size up to it.
 *   <li>A name is on stable storage after a sync of the folder it is in that began later; the sync
 *       of a file does not save its name. Before, a new name may be missing and a removed one be
 *       back; a rename happens as a whole.
 * </ul>
 */
final class CrashStates {
    private final List<DiskOp> ops;
    private final long stableUntil;

    CrashStates(List<DiskOp> ops) {
        this(ops, 0);
    }

    /**
     * @param stableUntil clock up to which everything is on stable storage, synced or not
     */
    CrashStates(List<DiskOp> ops, long stableUntil) {
        this.ops = ops.stream().sorted(Comparator.comparingLong(DiskOp::clock)).toList();
        this.stableUntil = stableUntil;
    }

    /** What is there when the power goes right after a clock; the same for the same seed. */
    DiskState at(long clock, Profile profile, long seed) {
        List<DiskOp> done = ops.stream().takeWhile(op -> op.clock() <= clock).toList();
        Stability stability = new Stability(done, stableUntil);
        Survivors survivors = new Survivors(profile, new SplittableRandom(seed), done, stability);
        Map<Integer, FileReplay> files = new HashMap<>();
        NameTree cached = new NameTree();
        NameTree stable = new NameTree();
        for (DiskOp op : done) {
            switch (op) {
                case DiskOp.Write w -> file(files, w.file()).write(w, stability, survivors);
                case DiskOp.Resize r -> file(files, r.file()).resize(r, stability, survivors);
                case DiskOp.Zero z -> file(files, z.file()).zero(z, stability, survivors);
                case DiskOp.Sync s -> {}
                case DiskOp.SyncFolder s -> {}
                case DiskOp.Create c -> {
                    cached.put(c.path(), c.file());
                    if (stability.named(c, c.path()) || survivors.name(c)) {
                        stable.put(c.path(), c.file());
                    }
                }
                case DiskOp.MakeFolder m -> {
                    cached.put(m.path(), NameTree.FOLDER);
                    if (stability.named(m, m.path()) || survivors.name(m)) {
                        stable.put(m.path(), NameTree.FOLDER);
                    }
                }
                case DiskOp.Remove r -> {
                    cached.remove(r.path());
                    if (stability.named(r, r.path()) || survivors.name(r)) {
                        stable.remove(r.path());
                    }
                }
                case DiskOp.Rename r -> {
                    int moved = movedFile(cached, r);
                    cached.rename(r.from(), r.to(), moved);
                    boolean sure = stability.named(r, r.from()) && stability.named(r, r.to());
                    if (sure || survivors.name(r)) {
                        stable.rename(r.from(), r.to(), moved);
                    }
                }
            }
        }
        Map<Integer, FileImage> images = new HashMap<>();
        files.forEach((file, replay) -> images.put(file, replay.onDisk()));
        return new DiskState(stable, images);
    }

    private static int movedFile(NameTree cached, DiskOp.Rename rename) {
        Integer file = cached.get(rename.from());
        if (file == null || file == NameTree.FOLDER) {
            throw new IllegalArgumentException(rename + " is of no file");
        }
        return file;
    }

    private static FileReplay file(Map<Integer, FileReplay> files, int file) {
        return files.computeIfAbsent(file, number -> new FileReplay());
    }
}
