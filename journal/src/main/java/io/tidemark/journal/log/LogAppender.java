package io.tidemark.journal.log;

import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.tidemark.codec.log.EntryHeaderEncoder;
import io.tidemark.codec.log.FlushEncoder;
import io.tidemark.codec.log.MessageHeaderEncoder;
import io.tidemark.codec.log.TrimEncoder;
import io.tidemark.codec.log.WriteEncoder;
import io.tidemark.codec.log.WriteZeroesEncoder;
import io.tidemark.journal.JournalException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableDirectByteBuffer;
import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Appends entries to a resource's log. Lives for one reign: from the epoch's start until the node
 * steps down or stops.
 *
 * <p>Every entry carries the position of its own frame, so the position is known before the offer:
 * it is the publication's position, or the next term's start when the offer says that the term was
 * full, in which case the entry is sealed again.
 *
 * <p>Data thread only. Allocates nothing per entry.
 */
public final class LogAppender {
    /** Returned instead of a position when the log takes no more at the moment. */
    public static final long BACK_PRESSURED = -1;

    private final ExclusivePublication publication;
    private final EpochNanoClock clock;
    private final int maxPayload;
    private final ByteBuffer headBytes = ByteBuffer.allocateDirect(256);
    private final UnsafeBuffer head = new UnsafeBuffer(headBytes);
    private final CRC32C crc = new CRC32C();
    private final MessageHeaderEncoder messageHeader = new MessageHeaderEncoder();
    private final WriteEncoder write = new WriteEncoder();
    private final WriteZeroesEncoder writeZeroes = new WriteZeroesEncoder();
    private final TrimEncoder trim = new TrimEncoder();
    private final FlushEncoder flush = new FlushEncoder();
    private long chain;
    private long appended;
    private long lastTimeNs;
    private long lastStart;
    private boolean midRequest;
    private boolean sealingLast;

    /**
     * @param publication of the log, positioned at the log's end
     * @param chain chain hash at that position
     */
    public LogAppender(ExclusivePublication publication, long chain, EpochNanoClock clock) {
        this.publication = publication;
        this.clock = clock;
        this.chain = chain;
        this.appended = publication.position();
        this.maxPayload =
                EntryLayout.maxPayload(publication.maxPayloadLength() + EntryLayout.FRAME_HEADER);
    }

    /** End of what was appended. */
    public long appended() {
        return appended;
    }

    /**
     * Whether the entry appended last leaves its request unfinished. Entries of the node itself
     * wait then.
     */
    public boolean midRequest() {
        return midRequest;
    }

    /** The unfinished request will never be finished; the next entry voids it (I7). */
    public void abandonRequest() {
        midRequest = false;
    }

    /** Position of the frame of the entry appended last. */
    public long lastStart() {
        return lastStart;
    }

    /** Chain hash of all entries before {@link #appended}. */
    public long chain() {
        return chain;
    }

    /** Nanoseconds since the Unix epoch that the newest entry carries. */
    public long lastTimeNs() {
        return lastTimeNs;
    }

    /** Largest payload of one Write entry, in bytes. */
    public int maxPayload() {
        return maxPayload;
    }

    /**
     * Appends a write or a part of one.
     *
     * @return the entry's end position or {@link #BACK_PRESSURED}
     */
    public long write(
            EntryContext context,
            long volumeOffset,
            DirectBuffer payload,
            int payloadIndex,
            int length) {
        write.wrapAndApplyHeader(head, 0, messageHeader);
        int payloadCrc = crcOf(payload, payloadIndex, length);
        fill(write.header(), context, payloadCrc);
        write.volumeOffset(volumeOffset);
        int limit = write.limit();
        head.putInt(limit, length, java.nio.ByteOrder.LITTLE_ENDIAN);
        return offer(limit + EntryLayout.LENGTH_PREFIX, payloadCrc, payload, payloadIndex, length);
    }

    /**
     * Appends a whole request that zeroes a range; {@code trim} says that the space may be freed.
     */
    public long zero(EntryContext context, boolean trimmed, long volumeOffset, long volumeLength) {
        if (trimmed) {
            trim.wrapAndApplyHeader(head, 0, messageHeader);
            fill(trim.header(), context, 0);
            trim.volumeOffset(volumeOffset).volumeLength(volumeLength);
            return offer(trim.limit(), 0, head, 0, 0);
        }
        writeZeroes.wrapAndApplyHeader(head, 0, messageHeader);
        fill(writeZeroes.header(), context, 0);
        writeZeroes.volumeOffset(volumeOffset).volumeLength(volumeLength);
        return offer(writeZeroes.limit(), 0, head, 0, 0);
    }

    /** Appends a flush. */
    public long flush(EntryContext context) {
        flush.wrapAndApplyHeader(head, 0, messageHeader);
        fill(flush.header(), context, 0);
        return offer(flush.limit(), 0, head, 0, 0);
    }

    /**
     * Appends an entry that was encoded elsewhere (epoch start and end, in-sync set, seal, mark):
     * not for the data path. Position, CRCs and time are filled in here.
     *
     * @param encoded the entry from its SBE message header on
     * @param blockLength length of its root block
     */
    public long control(
            EntryContext context, ExpandableDirectByteBuffer encoded, int length, int blockLength) {
        int headLength = EntryLayout.MESSAGE_HEADER + blockLength;
        head.putBytes(0, encoded, 0, headLength);
        EntryHeaderEncoder header = new EntryHeaderEncoder().wrap(head, EntryLayout.MESSAGE_HEADER);
        int tail = length - headLength;
        int payloadCrc = tail == 0 ? 0 : crcOf(encoded, headLength, tail);
        fill(header, context, payloadCrc);
        return offer(headLength, payloadCrc, encoded, headLength, tail);
    }

    private void fill(EntryHeaderEncoder header, EntryContext context, int payloadCrc) {
        sealingLast = context.lastOfRequest;
        lastTimeNs = Math.max(lastTimeNs, clock.nanoTime());
        header.headerCrc32c(0)
                .payloadCrc32c(payloadCrc & 0xFFFF_FFFFL)
                .committed(context.committed)
                .timeNs(lastTimeNs)
                .client(context.client)
                .keyId(0)
                .part(context.part)
                .volume(context.volume);
        header.flags()
                .clear()
                .lastOfRequest(context.lastOfRequest)
                .fua(context.fua)
                .noHole(context.noHole);
    }

    private long offer(
            int headLength, int payloadCrc, DirectBuffer payload, int index, int length) {
        int block =
                (head.getShort(0, java.nio.ByteOrder.LITTLE_ENDIAN) & 0xFFFF)
                        + EntryLayout.MESSAGE_HEADER;
        // Twice at most: the second time at the start of the next term.
        for (int attempt = 0; attempt < 2; attempt++) {
            long position = publication.position();
            head.putLong(
                    EntryLayout.MESSAGE_HEADER + EntryHeaderEncoder.positionEncodingOffset(),
                    position,
                    java.nio.ByteOrder.LITTLE_ENDIAN);
            int headerCrc = sealHeader(block);
            long result =
                    length == 0
                            ? publication.offer(head, 0, headLength)
                            : publication.offer(head, 0, headLength, payload, index, length);
            if (result > 0) {
                if (result - EntryLayout.alignedFrame(headLength + length) != position) {
                    throw new AssertionError(
                            "entry of position " + position + " ends at " + result);
                }
                chain = ChainHash.next(chain, position, headerCrc, payloadCrc);
                lastStart = position;
                midRequest = !sealingLast;
                appended = result;
                return result;
            }
            if (result == Publication.CLOSED || result == Publication.MAX_POSITION_EXCEEDED) {
                throw new JournalException(
                        JournalException.Code.AERON,
                        "the log takes no more entries at position "
                                + position
                                + ": publication "
                                + Publication.errorString(result));
            }
            if (result != Publication.ADMIN_ACTION) {
                return BACK_PRESSURED;
            }
        }
        return BACK_PRESSURED;
    }

    private int sealHeader(int block) {
        crc.reset();
        headBytes.limit(EntryLayout.HEADER_CRC).position(0);
        crc.update(headBytes);
        headBytes.limit(block).position(EntryLayout.HEADER_CRC + Integer.BYTES);
        crc.update(headBytes);
        headBytes.clear();
        int headerCrc = (int) crc.getValue();
        head.putInt(EntryLayout.HEADER_CRC, headerCrc, java.nio.ByteOrder.LITTLE_ENDIAN);
        return headerCrc;
    }

    private int crcOf(DirectBuffer payload, int index, int length) {
        crc.reset();
        ByteBuffer bytes = payload.byteBuffer();
        if (bytes == null) {
            crc.update(payload.byteArray(), payload.wrapAdjustment() + index, length);
        } else {
            int limit = bytes.limit();
            int position = bytes.position();
            int start = payload.wrapAdjustment() + index;
            bytes.limit(start + length).position(start);
            crc.update(bytes);
            bytes.limit(limit).position(position);
        }
        return (int) crc.getValue();
    }
}
