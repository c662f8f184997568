package io.tidemark.perf.compare;

import io.tidemark.perf.load.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.HdrHistogram.Histogram;

/**
 * All samples of a comparison.
 *
 * @param descriptions of the candidates, by name, in the plan's order
 * @param damage what was wrong with the content afterwards; empty if nothing was
 */
public record Results(
        Plan plan, Map<String, String> descriptions, List<Sample> samples, List<String> damage) {
    public boolean intact() {
        return damage.isEmpty();
    }

    List<Sample> of(Workload workload, String candidate) {
        return samples.stream()
                .filter(s -> s.workload().equals(workload) && s.candidate().equals(candidate))
                .toList();
    }

    /** Smallest, median and largest. */
    static double[] spread(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        if (sorted.length == 0) {
            return new double[] {Double.NaN, Double.NaN, Double.NaN};
        }
        int middle = sorted.length / 2;
        double median =
                sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new double[] {sorted[0], median, sorted[sorted.length - 1]};
    }

    static double median(List<Sample> samples, ToDoubleFunction<Sample> value) {
        return spread(samples.stream().mapToDouble(value))[1];
    }

    /**
     * Rate of the first candidate divided by that of a peer, round by round: smallest, median and
     * largest.
     */
    double[] ratios(Workload workload, String peer) {
        double[] first = new double[plan.rounds() + 1];
        of(workload, plan.candidates().getFirst())
                .forEach(s -> first[s.round()] = s.load().requestsPerSecond());
        List<Double> ratios = new ArrayList<>();
        for (Sample sample : of(workload, peer)) {
            ratios.add(first[sample.round()] / sample.load().requestsPerSecond());
        }
        return spread(ratios.stream().mapToDouble(Double::doubleValue));
    }

    /** Latencies of all rounds together. */
    static Histogram latencies(List<Sample> samples) {
        Histogram sum = new Histogram(samples.getFirst().load().latencies());
        samples.forEach(sample -> sum.add(sample.load().latencies()));
        return sum;
    }

    static String text(double[] spread, String format) {
        return String.format(
                format + " [" + format + ".." + format + "]", spread[1], spread[0], spread[2]);
    }
}
