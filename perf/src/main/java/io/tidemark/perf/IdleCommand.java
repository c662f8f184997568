package io.tidemark.perf;

import io.tidemark.perf.peers.Child;
import io.tidemark.perf.peers.ProcessCost;
import io.tidemark.perf.peers.TidemarkPair;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code perf idle}: what two nodes cost that have nothing to do. */
@Command(
        name = "idle",
        mixinStandardHelpOptions = true,
        description =
                "Starts two nodes, waits until they are in sync and at rest, measures their CPU time and memory.")
final class IdleCommand implements Callable<Integer> {
    private static final long SIZE_BYTES = 1L << 30;
    private static final List<String> MEMORY = List.of("VmRSS", "RssAnon", "RssFile", "RssShmem");

    @Option(names = "--seconds", description = "How long to measure: ${DEFAULT-VALUE}.")
    private int seconds = 20;

    @Option(names = "--settle", description = "Seconds to wait before: ${DEFAULT-VALUE}.")
    private int settleSeconds = 5;

    @Option(names = "--dir", description = "Folder for the nodes' files; that of temporary files.")
    private @Nullable Path dir;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        try (WorkFolder folder = WorkFolder.create(dir);
                TidemarkPair pair =
                        TidemarkPair.start(
                                Perf.bin(), "C", false, folder.path(), false, SIZE_BYTES)) {
            TimeUnit.SECONDS.sleep(settleSeconds);
            List<Child> nodes = pair.processes();
            List<ProcessCost> before =
                    nodes.stream().map(node -> ProcessCost.of(List.of(node))).toList();
            long startNs = System.nanoTime();
            TimeUnit.SECONDS.sleep(seconds);
            long elapsedNs = System.nanoTime() - startNs;
            for (int i = 0; i < nodes.size(); i++) {
                ProcessCost cost = ProcessCost.of(List.of(nodes.get(i))).minus(before.get(i));
                out.printf(
                        "%-6s %5.2f %% of one core",
                        nodes.get(i).name(), 100.0 * cost.cpuNs() / elapsedNs);
                for (String field : MEMORY) {
                    out.printf("  %s %d MiB", field, kibibytes(nodes.get(i), field) >> 10);
                }
                out.println();
            }
            out.flush();
        }
        return 0;
    }

    private static long kibibytes(Child node, String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + node.handle().pid() + "/status")).stream()
                .filter(line -> line.startsWith(field + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
