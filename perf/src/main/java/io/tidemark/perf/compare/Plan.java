package io.tidemark.perf.compare;

import io.tidemark.perf.load.Workload;
import java.util.List;

/**
 * What a comparison does.
 *
 * @param candidates names; ratios are those of the first to the others
 * @param rounds measured ones; one more comes first and only warms up
 * @param runNs longest time of one run, nanoseconds
 * @param maxRequests most requests of one run
 * @param connections of the load generator
 * @param sizeBytes of the device, all of it used
 */
public record Plan(
        List<String> candidates,
        List<Workload> workloads,
        int rounds,
        long runNs,
        long maxRequests,
        int connections,
        long sizeBytes) {
    public Plan {
        candidates = List.copyOf(candidates);
        workloads = List.copyOf(workloads);
    }
}
