package io.tidemark.perf.peers;

import java.time.Duration;
import java.util.List;

/**
 * What a set of processes has used since they started. The kernel's count of bytes written is left
 * out on purpose: it counts a whole folio when a page of it becomes dirty, up to 1 MiB for 4 KiB.
 *
 * @param cpuNs user and system time of all threads, nanoseconds, in steps of a clock tick (10 ms)
 */
public record ProcessCost(long cpuNs) {
    /** Reads /proc/PID/stat. A process that is gone counts nothing. */
    public static ProcessCost of(List<Child> children) {
        long cpuNs = 0;
        for (Child child : children) {
            cpuNs += child.handle().info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
        }
        return new ProcessCost(cpuNs);
    }

    public ProcessCost minus(ProcessCost before) {
        return new ProcessCost(cpuNs - before.cpuNs);
    }
}
