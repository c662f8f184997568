package io.tidemark.tools.crash;

import io.tidemark.tools.disk.DiskOp;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** Draws what of the unsynced operations is left, by a profile. Asked in the operations' order. */
final class Survivors {
    private static final double[] LIKELIHOODS = {0, 0.05, 0.5, 0.95, 1};

    private final Profile profile;
    private final SplittableRandom random;

    /** The last unsynced write of each file. */
    private final Map<Integer, DiskOp.Write> lastWrites = new HashMap<>();

    private final Map<Integer, Double> likelihoods = new HashMap<>();
    private final Set<DiskOp> newest = Collections.newSetFromMap(new IdentityHashMap<>());

    Survivors(Profile profile, SplittableRandom random, List<DiskOp> done, Stability stability) {
        this.profile = profile;
        this.random = random;
        Map<Integer, Integer> left = new HashMap<>();
        for (DiskOp op : done.reversed()) {
            int file = fileOf(op);
            if (file < 0 || stability.written(op, file)) {
                continue;
            }
            if (op instanceof DiskOp.Write write) {
                lastWrites.putIfAbsent(file, write);
            }
            int more = left.computeIfAbsent(file, f -> 1 + random.nextInt(8));
            if (more > 0) {
                newest.add(op);
                left.put(file, more - 1);
            }
        }
    }

    /** Whether the next sector of an operation is on the disk. */
    boolean sector(DiskOp op) {
        return switch (profile) {
            case NOTHING -> false;
            case EVERYTHING -> true;
            case LAST_TORN -> !isLastWrite(op) || random.nextBoolean();
            case RANDOM -> random.nextDouble() < likelihood(fileOf(op));
            case NEWEST -> newest.contains(op);
        };
    }

    /** Whether a file has the size that an operation gave it. */
    boolean size(DiskOp op, int file) {
        return switch (profile) {
            case NOTHING -> false;
            case EVERYTHING, LAST_TORN -> true;
            case RANDOM -> random.nextDouble() < likelihood(file);
            case NEWEST -> newest.contains(op);
        };
    }

    /** Whether a change of a name is on the disk. */
    boolean name(DiskOp op) {
        return switch (profile) {
            case NOTHING -> false;
            case EVERYTHING, LAST_TORN, NEWEST -> true;
            case RANDOM -> random.nextBoolean();
        };
    }

    private boolean isLastWrite(DiskOp op) {
        DiskOp last = lastWrites.get(fileOf(op));
        return last != null && last.clock() == op.clock();
    }

    private double likelihood(int file) {
        return likelihoods.computeIfAbsent(
                file, f -> LIKELIHOODS[random.nextInt(LIKELIHOODS.length)]);
    }

    private static int fileOf(DiskOp op) {
        return switch (op) {
            case DiskOp.Write w -> w.file();
            case DiskOp.Resize r -> r.file();
            case DiskOp.Zero z -> z.file();
            default -> -1;
        };
    }
}
