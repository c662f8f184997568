package io.tidemark.perf.jmh;

import io.tidemark.journal.apply.ExtentMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Random 4 KiB puts into a map that is emptied when it holds {@code extents}: the applier's window.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ExtentMapBenchmark {
    private static final long BLOCKS = 1L << 28;

    @Param({"1000", "100000"})
    private int extents;

    private ExtentMap map = new ExtentMap(2);
    private long random;
    private long position;

    /** An empty map. */
    @Setup(Level.Iteration)
    public void create() {
        map = new ExtentMap(extents);
        random = 88172645463325252L;
    }

    /** One put, and the share of a clear. */
    @Benchmark
    public boolean put() {
        if (!map.hasRoom()) {
            map.clear();
        }
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        long start = (random >>> 1) % BLOCKS * 4096;
        position += 4192;
        return map.put(start, start + 4096, position + 96, position);
    }
}
