package io.tidemark.perf.compare;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.perf.load.LoadResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.HdrHistogram.Histogram;

/**
 * Every sample as JSON, for plots and comparisons over time. Fields are only ever added; units are
 * in their names.
 */
public final class JsonReport {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private JsonReport() {}

    /** Writes the file anew. */
    public static void write(Results results, Path file) throws IOException {
        ObjectNode root = MAPPER.createObjectNode();
        Plan plan = results.plan();
        root.put("time", Instant.now().toString());
        root.put("processors", Runtime.getRuntime().availableProcessors());
        root.put("java", System.getProperty("java.runtime.version"));
        root.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        root.put("rounds", plan.rounds())
                .put("run_ns", plan.runNs())
                .put("connections", plan.connections());
        root.put("size_bytes", plan.sizeBytes()).put("intact", results.intact());
        results.descriptions().forEach(root.putObject("candidates")::put);
        results.damage().forEach(root.putArray("damage")::add);
        ArrayNode samples = root.putArray("samples");
        results.samples().forEach(sample -> add(samples.addObject(), sample));
        MAPPER.writeValue(file.toFile(), root);
    }

    private static void add(ObjectNode node, Sample sample) {
        LoadResult load = sample.load();
        Histogram latencies = load.latencies();
        node.put("round", sample.round()).put("workload", sample.workload().name());
        node.put("candidate", sample.candidate()).put("requests", load.requests());
        node.put("elapsed_ns", load.elapsedNs())
                .put("requests_per_second", load.requestsPerSecond());
        node.put("request_bytes", sample.workload().requestBytes());
        node.put("p50_ns", latencies.getValueAtPercentile(50));
        node.put("p99_ns", latencies.getValueAtPercentile(99));
        node.put("p999_ns", latencies.getValueAtPercentile(99.9));
        node.put("max_ns", latencies.getMaxValue());
        node.put("cpu_ns", sample.cost().cpuNs());
        node.put("generator_cpu_ns", load.generatorCpuNs());
    }
}
