package io.tidemark.journal.aeron;

import io.aeron.ExclusivePublication;
import io.tidemark.journal.log.ChainHash;
import io.tidemark.journal.log.EntryContext;
import io.tidemark.journal.log.EntryLayout;
import io.tidemark.journal.log.LogAppender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/** An archive as a killed node leaves it: a copy of its directory while it records. */
final class LeftArchive {
    static final int STREAM = 1001;

    private final Path directory;

    LeftArchive(Path directory) {
        this.directory = directory;
    }

    /** Records entries of 60 KiB and copies the directory as it is; returns the recording's end. */
    long recordThenLeave(int entries) throws IOException {
        try (AeronStack stack = launch("first", KnownDurable.NOTHING)) {
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

    static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    /** Starts on what the killed node left. */
    AeronStack launch() {
        return launch(KnownDurable.NOTHING);
    }

    AeronStack launch(KnownDurable known) {
        return launch("left", known);
    }

    Path journal() {
        return directory.resolve("left/journal");
    }

    private AeronStack launch(String name, KnownDurable known) {
        Path node = directory.resolve(name);
        return AeronStack.launch(
                new AeronSettings(
                        name,
                        "127.0.0.1",
                        FreePorts.block(),
                        node.resolve("journal"),
                        AeronSettings.driverDirectory(name, node),
                        AeronSettings.DEFAULT_SEGMENT_LENGTH,
                        AeronSettings.DEFAULT_SOCKET_BUFFER),
                ArchiveAccess.open(),
                known,
                channel -> {});
    }
}
