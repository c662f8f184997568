package io.tidemark.perf.load;

import org.HdrHistogram.Histogram;

/**
 * What a run did.
 *
 * @param requests answered, FLUSH not counted
 * @param elapsedNs from the first request to the last reply, nanoseconds
 * @param generatorCpuNs CPU time of the generator's thread, nanoseconds
 * @param latencies of requests, or of groups that end in a FLUSH, nanoseconds
 */
public record LoadResult(
        Workload workload,
        long requests,
        long elapsedNs,
        long generatorCpuNs,
        Histogram latencies) {
    public double requestsPerSecond() {
        return requests * 1e9 / Math.max(1, elapsedNs);
    }

    public double mebibytesPerSecond() {
        return requestsPerSecond() * workload.requestBytes() / (1 << 20);
    }

    public long bytes() {
        return requests * workload.requestBytes();
    }

    /** Microseconds of CPU that the generator itself took for a request. */
    public double generatorMicrosPerRequest() {
        return generatorCpuNs / 1e3 / Math.max(1, requests);
    }
}
