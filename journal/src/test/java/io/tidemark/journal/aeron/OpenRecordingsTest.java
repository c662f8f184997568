package io.tidemark.journal.aeron;

import static org.assertj.core.api.Assertions.assertThat;

import io.aeron.ExclusivePublication;
import io.tidemark.journal.log.ChainHash;
import io.tidemark.journal.log.EntryContext;
import io.tidemark.journal.log.EntryLayout;
import io.tidemark.journal.log.LogAppender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a killed node leaves is a copy of its archive's directory while it records. */
@Timeout(120)
final class OpenRecordingsTest {
    private static final int STREAM = 1001;

    @TempDir Path directory;

    /** The archive's own recovery fails on this with an index out of bounds. */
    @Test
    void aLastFrameAcrossTheEndOfAMebibyteIsKept() throws IOException {
        long end = recordThenLeave(18);

        try (AeronStack again = launch("left")) {
            Recording recording = new Recording(again, STREAM);
            assertThat(recording.stopPosition()).isEqualTo(end).isGreaterThan(1 << 20);
            try (ExclusivePublication more = recording.append(EntryLayout.mtuFor(61_440))) {
                assertThat(more.position()).isEqualTo(end);
            }
        }
    }

    @Test
    void aLastFrameThatIsTornAcrossAPageIsLeftToTheScan() throws IOException {
        long end = recordThenLeave(3);
        try (FileChannel segment =
                FileChannel.open(
                        directory.resolve("left/journal/0-0.rec"), StandardOpenOption.WRITE)) {
            segment.write(ByteBuffer.allocate(20_000), end - 20_000);
        }

        try (AeronStack again = launch("left")) {
            assertThat(new Recording(again, STREAM).stopPosition()).isEqualTo(end);
        }
    }

    @Test
    void aSegmentWithoutItsFullLengthGetsIt() throws IOException {
        long end = recordThenLeave(3);
        Path segment = directory.resolve("left/journal/0-0.rec");
        try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            file.truncate(end);
        }

        try (AeronStack again = launch("left")) {
            assertThat(new Recording(again, STREAM).stopPosition()).isEqualTo(end);
            assertThat(Files.size(segment)).isEqualTo(AeronSettings.SEGMENT_LENGTH);
        }
    }

    /** Records entries of 60 KiB and copies the directory as it is; returns the recording's end. */
    private long recordThenLeave(int entries) throws IOException {
        try (AeronStack stack = launch("first")) {
            Recording recording = new Recording(stack, STREAM);
            ExclusivePublication publication = recording.append(EntryLayout.mtuFor(61_440));
            LogAppender appender =
                    new LogAppender(publication, ChainHash.EMPTY, new SystemEpochNanoClock());
            EntryContext context = new EntryContext();
            context.lastOfRequest = true;
            UnsafeBuffer payload = new UnsafeBuffer(ByteBuffer.allocateDirect(61_440));
            for (int i = 0; i < entries; i++) {
                while (appender.write(context, 0, payload, 0, payload.capacity()) < 0) {
                    stack.doWork();
                }
            }
            while (recording.recorded() < appender.appended()) {
                stack.doWork();
            }
            copy(directory.resolve("first/journal"), directory.resolve("left/journal"));
            return appender.appended();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private AeronStack launch(String name) {
        Path node = directory.resolve(name);
        return AeronStack.launch(
                new AeronSettings(
                        name,
                        "127.0.0.1",
                        17_600,
                        node.resolve("journal"),
                        AeronSettings.driverDirectory(name, node),
                        AeronSettings.DEFAULT_SOCKET_BUFFER),
                channel -> {});
    }
}
