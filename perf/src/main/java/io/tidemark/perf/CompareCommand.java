package io.tidemark.perf;

import io.tidemark.perf.compare.Comparison;
import io.tidemark.perf.compare.JsonReport;
import io.tidemark.perf.compare.Plan;
import io.tidemark.perf.compare.Results;
import io.tidemark.perf.compare.TextReport;
import io.tidemark.perf.load.Workload;
import io.tidemark.perf.peers.Candidates;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code perf compare}: Tidemark beside what people would use instead. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts the candidates on one file system and runs the workloads on them in turn, round by round.",
            "Everything written is read back and compared at the end, byte by byte, on all copies."
        })
final class CompareCommand implements Callable<Integer> {
    @Option(
            names = "--rounds",
            description = "Measured rounds, after one that only warms up: ${DEFAULT-VALUE}.")
    private int rounds = 5;

    @Option(names = "--seconds", description = "Longest time of one run: ${DEFAULT-VALUE}.")
    private double seconds = 2;

    @Option(names = "--requests", description = "Most requests of one run: ${DEFAULT-VALUE}.")
    private long requests = 200_000;

    @Option(
            names = "--workloads",
            split = ",",
            description = "Some of W1 W2 W3 W3F W4 W5 W6 W7; all of them.")
    private List<String> workloads = List.of();

    @Option(
            names = "--candidates",
            split = ",",
            description =
                    "Some of tidemark-C, tidemark-B, tidemark-A, nbdkit, qemu-nbd, quorum;"
                            + " tidemark-C,nbdkit,quorum. Ratios are those of the first one.")
    private List<String> candidates = Candidates.DEFAULT;

    @Option(
            names = "--connections",
            description = "Connections of the load generator: ${DEFAULT-VALUE}.")
    private int connections = 1;

    @Option(
            names = "--size-mib",
            description = "Size of the device in MiB, all of it used: ${DEFAULT-VALUE}.")
    private long sizeMib = 512;

    @Option(
            names = "--tcp",
            description = "TCP on loopback instead of unix sockets, for all candidates.")
    private boolean tcp;

    @Option(names = "--json", paramLabel = "FILE", description = "Write every sample there.")
    private @Nullable Path json;

    @Option(
            names = "--dir",
            description = "Folder on the file system to measure; that of temporary files.")
    private @Nullable Path dir;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        check(rounds >= 1 && rounds <= 1000, "--rounds: 1 to 1000");
        check(seconds > 0 && seconds <= 600, "--seconds: above 0, at most 600");
        check(connections >= 1 && connections <= 16, "--connections: 1 to 16");
        check(sizeMib >= 128 && sizeMib <= 1 << 20, "--size-mib: 128 to 1048576");
        for (String name : candidates) {
            check(Candidates.NAMES.contains(name), "--candidates: there is no '" + name + "'");
        }
        Plan plan =
                new Plan(
                        installed(out),
                        chosenWorkloads(),
                        rounds,
                        (long) (seconds * 1e9),
                        requests,
                        connections,
                        sizeMib << 20);
        try (WorkFolder folder = WorkFolder.create(dir)) {
            Candidates all = new Candidates(Perf.bin(), folder.path(), tcp, plan.sizeBytes());
            Results results;
            try (Comparison comparison = Comparison.start(plan, all, out)) {
                results = comparison.run();
            }
            new TextReport(results).print(out);
            if (json != null) {
                JsonReport.write(results, json);
                out.println("written: " + json);
            }
            out.flush();
            return results.intact() ? 0 : 1;
        }
    }

    private List<String> installed(PrintWriter out) {
        List<String> there = new ArrayList<>();
        for (String name : candidates) {
            String missing = Candidates.missing(name);
            if (missing.isEmpty()) {
                there.add(name);
            } else {
                out.println("skipping " + name + ": " + missing + " is not installed");
            }
        }
        check(!there.isEmpty(), "--candidates: none of them is installed");
        return there;
    }

    private List<Workload> chosenWorkloads() {
        if (workloads.isEmpty()) {
            return Workload.STANDARD;
        }
        List<Workload> chosen = new ArrayList<>();
        for (String name : workloads) {
            List<Workload> found =
                    Workload.STANDARD.stream().filter(w -> w.name().equals(name)).toList();
            check(!found.isEmpty(), "--workloads: there is no '" + name + "'");
            chosen.addAll(found);
        }
        return chosen;
    }

    private void check(boolean condition, String message) {
        if (!condition) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
        }
    }
}
