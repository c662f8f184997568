package io.tidemark.journal.aeron;

import static org.assertj.core.api.Assertions.assertThat;

import io.aeron.ExclusivePublication;
import io.tidemark.journal.log.ChainHash;
import io.tidemark.journal.log.EntryContext;
import io.tidemark.journal.log.EntryCursor;
import io.tidemark.journal.log.EntryLayout;
import io.tidemark.journal.log.LogAppender;
import io.tidemark.journal.log.LogFiles;
import io.tidemark.journal.log.LogReader;
import io.tidemark.journal.log.SegmentFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two real stacks, invoked in turn by the test. */
@Timeout(120)
final class RecordingTest {
    private static final int STREAM = 1001;
    private static final int MTU = EntryLayout.mtuFor(61_440);

    @TempDir Path directory;
    private AeronStack alpha;
    private AeronStack beta;

    @BeforeEach
    void launch() {
        alpha = launch("alpha", FreePorts.block());
        beta = launch("beta", FreePorts.block());
    }

    private AeronStack launch(String node, int port) {
        return AeronStack.launch(
                settings(node, port), ArchiveAccess.open(), KnownDurable.NOTHING, channel -> {});
    }

    @AfterEach
    void close() {
        alpha.close();
        beta.close();
    }

    @Test
    void replicaRecordsTheSameEntriesAtTheSamePositions() {
        Recording source = new Recording(alpha, STREAM);
        ExclusivePublication publication = source.append(MTU);
        LogAppender appender =
                new LogAppender(publication, ChainHash.EMPTY, new SystemEpochNanoClock());
        append(appender, 2_000, 4_096);
        await(() -> source.recorded() == appender.appended());

        Recording copy = new Recording(beta, STREAM);
        assertThat(copy.exists()).isFalse();
        copy.follow(source.recordingId(), alpha.settings().archiveControlChannel());
        await(
                () ->
                        copy.pollFollow(System.nanoTime(), TimeUnit.SECONDS.toNanos(10))
                                && copy.growing());
        append(appender, 2_000, 61_440);
        await(() -> source.recorded() == appender.appended());
        await(() -> copy.recorded() == appender.appended());

        copy.stop();
        assertThat(copy.stopPosition()).isEqualTo(appender.appended());
        assertThat(chainOf(beta, copy)).isEqualTo(appender.chain());
        assertThat(chainOf(alpha, source)).isEqualTo(appender.chain());

        append(appender, 10, 4_096);
        copy.follow(source.recordingId(), alpha.settings().archiveControlChannel());
        await(
                () ->
                        copy.pollFollow(System.nanoTime(), TimeUnit.SECONDS.toNanos(10))
                                && copy.recorded() == appender.appended());
        publication.close();
        source.stop();
        assertThat(source.stopPosition()).isEqualTo(appender.appended());
        await(() -> !copy.pollFollow(System.nanoTime(), TimeUnit.SECONDS.toNanos(10)));
        copy.stop();
    }

    @Test
    void appendingGoesOnWhereARecordingEnded() {
        Recording source = new Recording(alpha, STREAM);
        LogAppender first =
                new LogAppender(source.append(MTU), ChainHash.EMPTY, new SystemEpochNanoClock());
        append(first, 100, 4_096);
        await(() -> source.recorded() == first.appended());
        source.stop();
        long cut = first.lastStart();
        source.truncate(cut);
        assertThat(source.stopPosition()).isEqualTo(cut);

        long chain = chainOf(alpha, source);
        LogAppender second = new LogAppender(source.append(MTU), chain, new SystemEpochNanoClock());
        assertThat(second.appended()).isEqualTo(cut);
        append(second, 100, 4_096);
        await(() -> source.recorded() == second.appended());
        source.stop();
        assertThat(chainOf(alpha, source)).isEqualTo(second.chain());
    }

    @Test
    void aRecordingIsCutWhereAPowerCutHasLeftAHole() throws IOException {
        Recording source = new Recording(alpha, STREAM);
        LogAppender first =
                new LogAppender(source.append(MTU), ChainHash.EMPTY, new SystemEpochNanoClock());
        append(first, 100, 4_096);
        await(() -> source.recorded() == first.appended());
        source.stop();
        long cut = first.lastStart();
        Path segment = alpha.settings().archiveDirectory().resolve(source.recordingId() + "-0.rec");
        try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate((int) (first.appended() - cut)), cut);
        }

        source.truncate(cut);

        assertThat(source.stopPosition()).isEqualTo(cut);
        long chain = chainOf(alpha, source);
        LogAppender second = new LogAppender(source.append(MTU), chain, new SystemEpochNanoClock());
        append(second, 10, 4_096);
        await(() -> source.recorded() == second.appended());
        source.stop();
        assertThat(chainOf(alpha, source)).isEqualTo(second.chain());
    }

    /** The archive then takes over the other's first term, which the segment files do not tell. */
    @Test
    void aLogThatIsCutToNothingAndFollowsIsKnownByItsNewDescriptor() throws IOException {
        Recording source = new Recording(alpha, STREAM);
        LogAppender first =
                new LogAppender(source.append(MTU), ChainHash.EMPTY, new SystemEpochNanoClock());
        append(first, 10, 4_096);
        await(() -> source.recorded() == first.appended());
        Recording copy = new Recording(beta, STREAM);
        LogAppender other =
                new LogAppender(copy.append(MTU), ChainHash.EMPTY, new SystemEpochNanoClock());
        append(other, 10, 4_096);
        await(() -> copy.recorded() == other.appended());
        copy.stop();
        copy.truncate(0);
        Path catalog = beta.settings().archiveDirectory().resolve(CatalogCopy.CATALOG);
        Path saved = catalog.resolveSibling(CatalogCopy.CATALOG + ".copy");

        copy.follow(source.recordingId(), alpha.settings().archiveControlChannel());

        assertThat(saved).doesNotExist();
        await(
                () ->
                        copy.pollFollow(System.nanoTime(), TimeUnit.SECONDS.toNanos(10))
                                && copy.recorded() == first.appended());
        assertThat(copy.frames()).isEqualTo(source.frames());
        CatalogFile now = CatalogFile.read(catalog);
        assertThat(CatalogFile.read(saved).entries()).hasSize(1).allMatch(now::has);
        copy.stop();
        assertThat(chainOf(beta, copy)).isEqualTo(first.chain());
    }

    private void append(LogAppender appender, int count, int length) {
        UnsafeBuffer payload = new UnsafeBuffer(ByteBuffer.allocateDirect(length));
        for (int i = 0; i < count; i++) {
            payload.setMemory(0, length, (byte) i);
            long offset = (long) i * length;
            await(
                    () ->
                            appender.write(new EntryContext().ofNode(0), offset, payload, 0, length)
                                    != LogAppender.BACK_PRESSURED);
        }
    }

    private long chainOf(AeronStack stack, Recording recording) {
        long chain = ChainHash.EMPTY;
        long position = 0;
        long end = recording.stopPosition() < 0 ? recording.recorded() : recording.stopPosition();
        LogFiles files =
                new LogFiles(
                        stack.settings().archiveDirectory(), AeronSettings.DEFAULT_SEGMENT_LENGTH);
        files.recording(recording.recordingId());
        try (LogReader reader = new LogReader(new SegmentFiles(files), 1 << 20)) {
            while (position < end) {
                EntryCursor cursor = reader.load(position, end);
                EntryCursor.Step step;
                while ((step = cursor.next()) == EntryCursor.Step.ENTRY) {
                    chain = cursor.chainAfter(chain);
                }
                assertThat(step).as(cursor.problem()).isEqualTo(EntryCursor.Step.END);
                position = cursor.endPosition();
            }
        }
        return chain;
    }

    private void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (alpha.doWork() + beta.doWork() == 0) {
                Thread.yield();
            }
        }
    }

    private AeronSettings settings(String node, int port) {
        Path nodeDirectory = directory.resolve(node);
        return new AeronSettings(
                node,
                "127.0.0.1",
                port,
                nodeDirectory.resolve("journal"),
                AeronSettings.driverDirectory(node, nodeDirectory),
                AeronSettings.DEFAULT_SEGMENT_LENGTH,
                AeronSettings.DEFAULT_SOCKET_BUFFER);
    }
}
