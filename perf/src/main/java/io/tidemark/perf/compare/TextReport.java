package io.tidemark.perf.compare;

import io.tidemark.perf.load.Workload;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Results as tables for a terminal. */
public final class TextReport {
    private final Results results;

    public TextReport(Results results) {
        this.results = results;
    }

    /** Prints everything. */
    public void print(PrintWriter out) {
        Plan plan = results.plan();
        out.println();
        results.descriptions().forEach((name, what) -> out.printf("%-11s %s%n", name, what));
        out.printf(
                "%d rounds of %.1f s, %d connection(s), device of %d MiB, %d processors%n",
                plan.rounds(),
                plan.runNs() / 1e9,
                plan.connections(),
                plan.sizeBytes() >> 20,
                Runtime.getRuntime().availableProcessors());
        for (Workload workload : plan.workloads()) {
            printWorkload(out, workload);
        }
        out.println();
        if (results.intact()) {
            out.println("content: all that was written was read back, and all copies are equal");
        }
        results.damage().forEach(line -> out.println("DAMAGE: " + line));
        out.flush();
    }

    private void printWorkload(PrintWriter out, Workload workload) {
        boolean large = workload.requestBytes() >= 1 << 20;
        out.printf("%n%s  %s%n", workload.name(), workload.title());
        out.printf(
                "  %-11s %28s %9s %9s %9s %9s %6s  %s%n",
                "",
                large ? "MiB/s median [min..max]" : "per s median [min..max]",
                "p50 us",
                "p99 us",
                "p99.9 us",
                "CPU ms/k",
                "gen us",
                "ratio of " + results.plan().candidates().getFirst());
        for (String candidate : results.plan().candidates()) {
            List<Sample> samples = results.of(workload, candidate);
            double[] rate =
                    Results.spread(
                            samples.stream()
                                    .mapToDouble(
                                            s ->
                                                    large
                                                            ? s.load().mebibytesPerSecond()
                                                            : s.load().requestsPerSecond()));
            Histogram latencies = Results.latencies(samples);
            out.printf(
                    "  %-11s %28s %9.0f %9.0f %9.0f %9.1f %6.1f  %s%n",
                    candidate,
                    Results.text(rate, "%.0f"),
                    latencies.getValueAtPercentile(50) / 1e3,
                    latencies.getValueAtPercentile(99) / 1e3,
                    latencies.getValueAtPercentile(99.9) / 1e3,
                    Results.median(samples, Sample::cpuMillisPerThousand),
                    Results.median(samples, s -> s.load().generatorMicrosPerRequest()),
                    ratio(workload, candidate));
        }
    }

    private String ratio(Workload workload, String candidate) {
        List<String> names = new ArrayList<>(results.plan().candidates());
        return names.getFirst().equals(candidate)
                ? ""
                : Results.text(results.ratios(workload, candidate), "%.2f");
    }
}
