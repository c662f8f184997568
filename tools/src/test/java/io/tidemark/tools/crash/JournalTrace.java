package io.tidemark.tools.crash;

import io.tidemark.tools.disk.DiskOp;
import io.tidemark.tools.it.PairOnDisks.Side;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * When the journal of one node got and synced what clients wrote, read off the record of its disk.
 * Finds in no time at which of all moments a broken promise would show.
 */
final class JournalTrace {
    /** More than the headers of a frame and of its entry take. */
    private static final int HEAD_BYTES = 256;

    private final Map<List<Integer>, Long> arrivals = new HashMap<>();
    private final Map<List<Integer>, Long> lastSectors = new HashMap<>();
    private final Set<Integer> segments = new HashSet<>();
    private final List<DiskOp> ops;
    private int partition = -1;
    private int superblock = -1;

    JournalTrace(RecordedRun run, Side side) {
        this.ops = run.ops(side);
        for (Request request : run.history().until(Request.NEVER)) {
            long end = (request.offset() + request.length()) / Stamp.BYTES;
            lastSectors.put(key(request), end - 1);
        }
        for (DiskOp op : ops) {
            if (op instanceof DiskOp.Create create && create.path().endsWith(".rec")) {
                segments.add(create.file());
            } else if (op instanceof DiskOp.Create create && create.path().endsWith(".img")) {
                partition = create.file();
            } else if (op instanceof DiskOp.Create create && create.path().contains("superblock")) {
                superblock = create.file();
            } else if (op instanceof DiskOp.Write write && segments.contains(write.file())) {
                scan(write);
            }
        }
    }

    /** Clock at which the last sector of a write was in the journal; never, if that is unknown. */
    long arrival(Request write) {
        return arrivals.getOrDefault(key(write), Request.NEVER);
    }

    /** Whether this write was recorded, but no sync that covers it has returned at a clock. */
    boolean unsynced(Request write, long clock) {
        long arrived = arrival(write);
        return arrived <= clock
                && ops.stream()
                        .noneMatch(
                                op ->
                                        op instanceof DiskOp.Sync sync
                                                && segments.contains(sync.file())
                                                && sync.begin() > arrived
                                                && sync.clock() <= clock);
    }

    /** Whether the journal has bytes, from before a clock, that no sync covers at another one. */
    boolean hasUnsynced(long from, long clock) {
        long covered = 0;
        boolean unsynced = false;
        for (DiskOp op : ops.reversed()) {
            if (op.clock() <= clock && op instanceof DiskOp.Sync sync) {
                covered =
                        segments.contains(sync.file()) ? Math.max(covered, sync.begin()) : covered;
            } else if (op.clock() <= from && op instanceof DiskOp.Write write) {
                unsynced |= segments.contains(write.file()) && write.clock() >= covered;
            }
        }
        return unsynced;
    }

    /** Writes to segments that begin with a frame of at least so many bytes. */
    Stream<DiskOp.Write> largeFrames(int atLeast) {
        return ops.stream()
                .filter(op -> op instanceof DiskOp.Write)
                .map(DiskOp.Write.class::cast)
                .filter(write -> segments.contains(write.file()))
                .filter(write -> frameLength(write) >= atLeast);
    }

    /**
     * Whether a state holds the head of the frame that a write begins with, and not all of its
     * payload.
     */
    static boolean torn(DiskState state, DiskOp.Write write) {
        int length = Math.min(frameLength(write), write.data().length);
        byte[] found = state.image(write.file()).read(write.offset(), length);
        int mismatch = Arrays.mismatch(found, Arrays.copyOf(write.data(), length));
        return mismatch >= HEAD_BYTES;
    }

    private static int frameLength(DiskOp.Write write) {
        ByteBuffer data = ByteBuffer.wrap(write.data()).order(ByteOrder.LITTLE_ENDIAN);
        return data.limit() < Integer.BYTES ? 0 : data.getInt(0);
    }

    /**
     * Clocks at which the first block of a window is in the partition although the journal has
     * bytes from before the window's limit was stored that are not synced.
     */
    Stream<Long> applyingUnsynced() {
        List<Long> found = new ArrayList<>();
        long stored = 0;
        for (DiskOp op : ops) {
            if (op instanceof DiskOp.Write write && write.file() == superblock) {
                stored = write.clock();
            } else if (op instanceof DiskOp.Write write && write.file() == partition) {
                if (stored > 0 && hasUnsynced(stored, write.clock())) {
                    found.add(write.clock());
                }
                stored = 0;
            }
        }
        return found.stream();
    }

    private void scan(DiskOp.Write write) {
        ByteBuffer data = ByteBuffer.wrap(write.data());
        for (int at = 0; at + Stamp.HEAD <= data.limit(); at++) {
            if (data.get(at) == Stamp.FIRST && data.getLong(at) == Stamp.MAGIC) {
                List<Integer> key = List.of(data.getInt(at + 8), data.getInt(at + 12));
                if (lastSectors.getOrDefault(key, -1L) == data.getLong(at + 16)) {
                    arrivals.putIfAbsent(key, write.clock());
                }
            }
        }
    }

    private static List<Integer> key(Request request) {
        return List.of(request.writer(), request.number());
    }
}
