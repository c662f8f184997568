package io.tidemark.tools.crash;

import io.tidemark.codec.log.EpochStartDecoder;
import io.tidemark.codec.log.FlushDecoder;
import io.tidemark.codec.log.TrimDecoder;
import io.tidemark.codec.log.WriteDecoder;
import io.tidemark.codec.log.WriteZeroesDecoder;
import io.tidemark.journal.log.EntryCursor;
import io.tidemark.journal.log.EntryLayout;
import io.tidemark.journal.log.LogFiles;
import io.tidemark.journal.log.LogReader;
import io.tidemark.journal.log.SegmentFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the whole requests out of a stopped node's journal, in order. Leaves out the rest: control
 * entries, and requests that another entry made void.
 */
final class LogContents {
    private static final int WINDOW = 4 << 20;

    private final List<LoggedRequest> requests = new ArrayList<>();
    private final ByteArrayOutputStream payload = new ByteArrayOutputStream();
    private @Nullable Part first;
    private int nextPart;
    private long epoch;

    /** First entry of the request that is being put together. */
    private record Part(long position, long client, Request.Kind kind, long offset, long zeroed) {}

    private LogContents() {}

    static List<LoggedRequest> read(Path nodeDirectory) throws IOException {
        Path journal = nodeDirectory.resolve("journal");
        LogContents contents = new LogContents();
        List<Path> segments;
        try (Stream<Path> names = Files.list(journal)) {
            segments = names.filter(name -> name.toString().endsWith(".rec")).toList();
        }
        int segmentLength = 0;
        for (Path file : segments) {
            segmentLength = Math.max(segmentLength, (int) Files.size(file));
        }
        LogFiles files = new LogFiles(journal, segmentLength);
        long end = 0;
        for (Path file : segments) {
            String name = file.getFileName().toString();
            int dash = name.indexOf('-');
            files.recording(Long.parseLong(name.substring(0, dash)));
            long base = Long.parseLong(name.substring(dash + 1, name.length() - 4));
            end = Math.max(end, base + segmentLength);
        }
        try (LogReader reader = new LogReader(new SegmentFiles(files), WINDOW)) {
            long position = 0;
            while (position < end) {
                EntryCursor cursor = reader.load(position, end);
                EntryCursor.Step step = cursor.next();
                while (step == EntryCursor.Step.ENTRY) {
                    contents.entry(cursor);
                    step = cursor.next();
                }
                if (step == EntryCursor.Step.INVALID || cursor.endPosition() == position) {
                    break;
                }
                position = cursor.endPosition();
            }
        }
        return contents.requests;
    }

    private void entry(EntryCursor cursor) {
        if (cursor.templateId() == EpochStartDecoder.TEMPLATE_ID) {
            EpochStartDecoder start = new EpochStartDecoder();
            start.wrap(
                    cursor.buffer(),
                    cursor.entryOffset() + EntryLayout.MESSAGE_HEADER,
                    cursor.blockLength(),
                    cursor.version());
            epoch = start.epoch().number();
        }
        if (cursor.templateId() >= FlushDecoder.TEMPLATE_ID) {
            first = null;
            nextPart = 0;
            return;
        }
        int part = cursor.header().part();
        if (part == 0) {
            payload.reset();
            first =
                    new Part(
                            cursor.position(),
                            cursor.header().client(),
                            kind(cursor.templateId()),
                            cursor.volumeOffset(),
                            cursor.volumeLength());
        } else if (part != nextPart || first == null) {
            throw new AssertionError("part " + part + " at " + cursor.position() + " is alone");
        }
        nextPart = part + 1;
        Part begin = first;
        if (cursor.templateId() == WriteDecoder.TEMPLATE_ID) {
            byte[] bytes = new byte[(int) cursor.volumeLength()];
            cursor.buffer().getBytes(cursor.payloadOffset(), bytes);
            payload.writeBytes(bytes);
        }
        if (cursor.lastOfRequest() && begin != null) {
            byte[] bytes = payload.toByteArray();
            requests.add(
                    new LoggedRequest(
                            begin.position,
                            epoch,
                            begin.client,
                            begin.kind,
                            begin.offset,
                            begin.kind == Request.Kind.WRITE ? bytes.length : begin.zeroed,
                            bytes));
            payload.reset();
            first = null;
        }
    }

    private static Request.Kind kind(int templateId) {
        return switch (templateId) {
            case WriteDecoder.TEMPLATE_ID -> Request.Kind.WRITE;
            case WriteZeroesDecoder.TEMPLATE_ID -> Request.Kind.ZEROES;
            case TrimDecoder.TEMPLATE_ID -> Request.Kind.TRIM;
            default -> throw new AssertionError("template " + templateId);
        };
    }
}
