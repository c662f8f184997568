package io.tidemark.journal.aeron;

import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.protocol.DataHeaderFlyweight;
import io.tidemark.journal.JournalException;
import io.tidemark.journal.log.EntryLayout;
import io.tidemark.journal.log.PageReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Makes a position fit to be cut at. The archive cuts a recording only in front of a frame header,
 * but what has to be cut is often just a place where no valid one is: a frame that never reached
 * the disk, or half of one. And it changes its catalog before it looks.
 */
final class CutPoint {
    private CutPoint() {}

    /**
     * Puts a frame header at the position, which is cut off next.
     *
     * @param segment file that holds the position
     * @param offset of the position in it
     */
    static void prepare(
            Path segment, long offset, int termOffset, int termId, int sessionId, int streamId) {
        ByteBuffer bytes = ByteBuffer.allocate(DataHeaderFlyweight.HEADER_LENGTH);
        DataHeaderFlyweight header = new DataHeaderFlyweight(new UnsafeBuffer(bytes));
        header.version(DataHeaderFlyweight.CURRENT_VERSION)
                .flags(FrameDescriptor.UNFRAGMENTED)
                .headerType(DataHeaderFlyweight.HDR_TYPE_PAD)
                .frameLength(DataHeaderFlyweight.HEADER_LENGTH);
        header.reservedValue(EntryLayout.CUT_MARK);
        header.termOffset(termOffset).termId(termId).sessionId(sessionId).streamId(streamId);
        try (FileChannel file =
                FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            boolean wholePage = offset % PageReader.PAGE == 0 && !PageReader.readable(file, offset);
            if (wholePage) {
                // Part of a page that cannot be read cannot be written either.
                bytes = ByteBuffer.allocate(PageReader.PAGE).put(bytes).clear();
            }
            while (bytes.hasRemaining()) {
                file.write(bytes, offset + bytes.position());
            }
        } catch (IOException e) {
            throw new JournalException(
                    JournalException.Code.FAILED,
                    "cannot cut the journal in " + segment + " at " + offset + ": " + e,
                    e);
        }
    }
}
