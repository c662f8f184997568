package io.tidemark.perf.jmh;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.logbuffer.RawBlockHandler;
import io.tidemark.journal.log.EntryContext;
import io.tidemark.journal.log.EntryCursor;
import io.tidemark.journal.log.EntryLayout;
import io.tidemark.journal.log.LogAppender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.agrona.concurrent.UnsafeBuffer;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Entries into an IPC publication, as a node does it but without archive and network, and the check
 * of entries that lie in memory. The driver is invoked by this thread; a subscription that is
 * polled now and then makes room.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LogBenchmark {
    private static final int TERM_BYTES = 16 << 20;
    private static final int MTU = EntryLayout.mtuFor(8192);
    private static final int STREAM = 1;
    private static final int CONSUMED_AT_ONCE = 1 << 20;
    private static final RawBlockHandler IGNORED =
            (channel, offset, bytes, at, length, session, term) -> {};

    @Param({"4096", "8192"})
    private int payloadBytes;

    private final Resources resources = new Resources();
    private final EntryContext context = new EntryContext();
    private final UnsafeBuffer payload = new UnsafeBuffer(ByteBuffer.allocateDirect(8192));
    private final ByteBuffer piece = ByteBuffer.allocateDirect(CONSUMED_AT_ONCE + MTU);
    private final EntryCursor cursor = new EntryCursor(piece);
    private long volumeOffset;
    private long consumed;
    private long walkFrom;
    private int walkBytes;

    /** What must be closed. */
    private static final class Resources {
        private final Path folder;
        private final MediaDriver driver;
        private final Aeron aeron;
        private final Subscription subscription;
        private final LogAppender appender;

        Resources() {
            try {
                folder = Files.createTempDirectory("perf-log");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            driver =
                    MediaDriver.launch(
                            new MediaDriver.Context()
                                    .aeronDirectoryName(folder.resolve("aeron").toString())
                                    .threadingMode(ThreadingMode.INVOKER)
                                    .ipcMtuLength(MTU)
                                    .ipcTermBufferLength(TERM_BYTES)
                                    .dirDeleteOnShutdown(true));
            aeron =
                    Aeron.connect(
                            new Aeron.Context()
                                    .aeronDirectoryName(driver.aeronDirectoryName())
                                    .driverAgentInvoker(driver.sharedAgentInvoker())
                                    .useConductorAgentInvoker(true));
            subscription = aeron.addSubscription("aeron:ipc", STREAM);
            ExclusivePublication publication = aeron.addExclusivePublication("aeron:ipc", STREAM);
            while (!publication.isConnected() || subscription.hasNoImages()) {
                invoke();
            }
            appender = new LogAppender(publication, 0, new SystemEpochNanoClock());
        }

        void invoke() {
            driver.sharedAgentInvoker().invoke();
            aeron.conductorAgentInvoker().invoke();
        }

        void close() throws IOException {
            CloseHelper.closeAll(aeron, driver);
            Files.deleteIfExists(folder);
        }
    }

    /** A piece of log in memory for the cursor. */
    @Setup
    public void record() {
        long start = resources.appender.appended();
        while (resources.appender.appended() - start < CONSUMED_AT_ONCE / 2) {
            append();
        }
        int[] length = {0};
        resources.subscription.forEachImage(
                image -> {
                    while (image.position() < resources.appender.appended()) {
                        image.blockPoll(
                                (buffer, at, bytes, session, term) -> {
                                    buffer.getBytes(at, piece, length[0], bytes);
                                    length[0] += bytes;
                                },
                                CONSUMED_AT_ONCE);
                    }
                });
        consumed = resources.appender.appended();
        walkFrom = start;
        walkBytes = length[0];
        cursor.wrap(walkFrom, walkBytes);
    }

    /** Encode, two CRCs, chain hash, copy into the log: all of an append. */
    @Benchmark
    public long append() {
        LogAppender appender = resources.appender;
        volumeOffset += payloadBytes;
        long end = appender.write(context, volumeOffset, payload, 0, payloadBytes);
        if (end == LogAppender.BACK_PRESSURED || end - consumed > CONSUMED_AT_ONCE) {
            consume();
        }
        return end;
    }

    private void consume() {
        resources.subscription.rawPoll(IGNORED, 2 * CONSUMED_AT_ONCE);
        consumed = resources.appender.appended();
        resources.invoke();
    }

    /** One entry checked, both CRCs included. */
    @Benchmark
    public long walk() {
        EntryCursor.Step step = cursor.next();
        if (step == EntryCursor.Step.ENTRY) {
            return cursor.volumeOffset();
        }
        if (step == EntryCursor.Step.INVALID) {
            throw new IllegalStateException(cursor.problem() + " at " + cursor.position());
        }
        cursor.wrap(walkFrom, walkBytes);
        return 0;
    }

    /** Stops the driver. */
    @TearDown
    public void close() throws IOException {
        resources.close();
    }
}
