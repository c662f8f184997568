package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.log.EntryCursor;
import io.tidemark.journal.log.EntryLayout;
import io.tidemark.journal.log.LogFiles;
import io.tidemark.journal.log.LogReader;
import io.tidemark.journal.log.SegmentFiles;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Compares the journals of two stopped nodes entry by entry: the same bytes at the same positions.
 * Frame headers are left out, as each recording has a session of its own.
 */
final class JournalComparison {
    private static final int WINDOW = 8 << 20;

    private JournalComparison() {}

    /** Compares the only recording of two node directories; returns the number of entries. */
    static long run(Path firstNode, Path secondNode) throws IOException {
        Path one = firstNode.resolve("journal");
        Path other = secondNode.resolve("journal");
        long end = Math.min(end(one), end(other));
        try (LogReader first = open(one);
                LogReader second = open(other)) {
            long entries = 0;
            long position = 0;
            while (position < end) {
                EntryCursor a = first.load(position, Math.min(end, position + WINDOW));
                EntryCursor b = second.load(position, Math.min(end, position + WINDOW));
                EntryCursor.Step step = compareNext(a, b);
                while (step == EntryCursor.Step.ENTRY) {
                    entries++;
                    step = compareNext(a, b);
                }
                if (step == EntryCursor.Step.INVALID || a.endPosition() == position) {
                    // Segments are zeroes beyond the log's end.
                    assertThat(List.of(a.problem(), b.problem())).containsOnly("frame length 0");
                    break;
                }
                position = a.endPosition();
            }
            assertThat(entries).isPositive();
            return entries;
        }
    }

    private static EntryCursor.Step compareNext(EntryCursor a, EntryCursor b) {
        EntryCursor.Step step = a.next();
        EntryCursor.Step other = b.next();
        assertThat(b.position()).as("position of the other journal").isEqualTo(a.position());
        assertThat(other)
                .as("at position %d: '%s', '%s'", a.position(), a.problem(), b.problem())
                .isEqualTo(step);
        if (step == EntryCursor.Step.ENTRY) {
            assertThat(entry(a).equals(entry(b)))
                    .as("entries at position %d are equal", a.position())
                    .isTrue();
        }
        return step;
    }

    private static UnsafeBuffer entry(EntryCursor cursor) {
        int start = cursor.entryOffset();
        int frameLength =
                cursor.buffer().getInt(start - EntryLayout.FRAME_HEADER, ByteOrder.LITTLE_ENDIAN);
        return new UnsafeBuffer(cursor.buffer(), start, frameLength - EntryLayout.FRAME_HEADER);
    }

    private static LogReader open(Path journal) throws IOException {
        LogFiles files = new LogFiles(journal, segmentLength(journal));
        List<Long> ids = segments(journal).map(name -> Long.valueOf(name[0])).distinct().toList();
        assertThat(ids).as("recordings in %s", journal).hasSize(1);
        files.recording(ids.getFirst());
        return new LogReader(new SegmentFiles(files), WINDOW);
    }

    private static long end(Path journal) throws IOException {
        long last =
                segments(journal).mapToLong(name -> Long.parseLong(name[1])).max().orElseThrow();
        return last + segmentLength(journal);
    }

    private static int segmentLength(Path journal) throws IOException {
        try (Stream<Path> files = Files.list(journal)) {
            Path any =
                    files.filter(file -> file.toString().endsWith(".rec")).findAny().orElseThrow();
            return (int) Files.size(any);
        }
    }

    /** Recording and base position, from the names of the segment files. */
    private static Stream<String[]> segments(Path journal) throws IOException {
        try (Stream<Path> files = Files.list(journal)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".rec"))
                    .map(name -> name.substring(0, name.length() - 4).split("-", 2))
                    .toList()
                    .stream();
        }
    }
}
