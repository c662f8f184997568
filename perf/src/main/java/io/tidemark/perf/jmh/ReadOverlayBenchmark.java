package io.tidemark.perf.jmh;

import io.tidemark.journal.apply.ExtentVisitor;
import io.tidemark.journal.apply.ReadOverlay;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** An overlay that always holds {@code entries} random 4 KiB writes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReadOverlayBenchmark implements ExtentVisitor {
    private static final long ENTRY = 4192;
    private static final long BLOCKS = 1L << 20;

    @Param({"1000", "60000"})
    private int entries;

    private ReadOverlay overlay = new ReadOverlay(1);
    private long random = 88172645463325252L;
    private long position;
    private long sum;

    /** The steady state. */
    @Setup
    public void fill() {
        overlay = new ReadOverlay(entries + 1);
        for (int i = 0; i < entries; i++) {
            add();
        }
    }

    private boolean add() {
        position += ENTRY;
        return overlay.add(position, offset(), 4096, position + 96);
    }

    private long offset() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return (random >>> 1) % BLOCKS * 4096;
    }

    /** One write comes in and the oldest one has been applied. */
    @Benchmark
    public int addAndAppliedTo() {
        boolean added = add();
        overlay.appliedTo(position - (entries - 1) * ENTRY);
        return added ? overlay.unappliedEntries() : -1;
    }

    /** Where a random block is. */
    @Benchmark
    public long resolve() {
        overlay.resolve(offset(), 4096, this);
        return sum;
    }

    @Override
    public void extent(long start, long end, long value, long tag) {
        sum += value;
    }

    @Override
    public void gap(long start, long end) {
        sum += end - start;
    }
}
