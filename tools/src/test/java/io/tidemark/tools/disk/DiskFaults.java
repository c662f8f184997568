package io.tidemark.tools.disk;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The faults that are armed on one disk. Any thread. */
final class DiskFaults {
    private final List<DiskFault> armed = new CopyOnWriteArrayList<>();
    private final List<BadPages> bad = new CopyOnWriteArrayList<>();

    void arm(DiskFault fault) {
        armed.add(fault);
    }

    void spoil(BadPages pages) {
        bad.add(pages);
    }

    void cure() {
        bad.clear();
        armed.forEach(DiskFault::release);
        armed.clear();
    }

    /**
     * Asks all of them about a call; may block.
     *
     * @return how many of its bytes may be written
     */
    long judge(DiskCall.Kind kind, String path, long offset, long length) {
        long accepted = length;
        if (!armed.isEmpty()) {
            DiskCall call = new DiskCall(kind, path, offset, length);
            for (DiskFault fault : armed) {
                accepted = Math.min(accepted, fault.judge(call));
            }
        }
        if (!bad.isEmpty()) {
            DiskCall call = new DiskCall(kind, path, offset, length);
            bad.forEach(pages -> pages.judge(call));
        }
        return accepted;
    }
}
