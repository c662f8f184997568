package io.tidemark.perf.jmh;

import io.tidemark.codec.nbd.RequestDecoder;
import io.tidemark.codec.nbd.RequestEncoder;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** All fields of an NBD request header, at changing places of a receive buffer. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RequestHeaderBenchmark {
    private static final int REQUESTS = 64;
    private static final int STRIDE = RequestDecoder.BLOCK_LENGTH + 4096;

    private final UnsafeBuffer buffer =
            new UnsafeBuffer(ByteBuffer.allocateDirect(REQUESTS * STRIDE));
    private final RequestDecoder request = new RequestDecoder();
    private int next;

    /** Fills the receive buffer with write requests. */
    @Setup
    public void fill() {
        RequestEncoder encoder = new RequestEncoder();
        for (int i = 0; i < REQUESTS; i++) {
            encoder.wrap(buffer, i * STRIDE)
                    .magic(0x25609513L)
                    .commandFlags(0)
                    .commandType(1)
                    .cookie(i)
                    .exportOffset(i * 4096L)
                    .length(4096);
        }
    }

    /** One header. */
    @Benchmark
    public long parse() {
        next = (next + 1) % REQUESTS;
        request.wrap(buffer, next * STRIDE, RequestDecoder.BLOCK_LENGTH, 0);
        return request.magic()
                + request.commandFlags()
                + request.commandType()
                + request.cookie()
                + request.exportOffset()
                + request.length();
    }
}
