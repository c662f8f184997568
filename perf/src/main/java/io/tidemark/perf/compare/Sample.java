package io.tidemark.perf.compare;

import io.tidemark.perf.load.LoadResult;
import io.tidemark.perf.load.Workload;
import io.tidemark.perf.peers.ProcessCost;

/**
 * One run.
 *
 * @param round from 1 on
 * @param cost of the candidate's processes until they were at rest again
 */
public record Sample(int round, String candidate, LoadResult load, ProcessCost cost) {
    Workload workload() {
        return load.workload();
    }

    /** Milliseconds of CPU per 1000 requests. */
    double cpuMillisPerThousand() {
        return cost.cpuNs() / 1e6 / Math.max(1, load.requests()) * 1e3;
    }
}
