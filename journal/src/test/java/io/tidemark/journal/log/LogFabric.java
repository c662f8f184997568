package io.tidemark.journal.log;

import io.aeron.protocol.DataHeaderFlyweight;
import io.tidemark.codec.log.BooleanType;
import io.tidemark.codec.log.EntryHeaderEncoder;
import io.tidemark.codec.log.EpochEndEncoder;
import io.tidemark.codec.log.EpochStartEncoder;
import io.tidemark.codec.log.FlushEncoder;
import io.tidemark.codec.log.InSyncSetEncoder;
import io.tidemark.codec.log.MessageHeaderEncoder;
import io.tidemark.codec.log.SealEncoder;
import io.tidemark.codec.log.TrimEncoder;
import io.tidemark.codec.log.WriteEncoder;
import io.tidemark.codec.log.WriteZeroesEncoder;
import io.tidemark.journal.epoch.EpochIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Makes logs without Aeron: frames, padding at the end of terms and entries, encoded here and not
 * by the classes under test, in memory and as segment files.
 */
public final class LogFabric {
    public static final int TERM_LENGTH = 64 * 1024;
    private static final int STREAM = 1001;

    private final UnsafeBuffer head = new UnsafeBuffer(new byte[512]);
    private final MessageHeaderEncoder messageHeader = new MessageHeaderEncoder();
    private byte[] log = new byte[1 << 16];
    private int end;
    private int lastStart;
    private long chain = ChainHash.EMPTY;

    public long end() {
        return end;
    }

    public long lastStart() {
        return lastStart;
    }

    public long chain() {
        return chain;
    }

    /** The log's bytes, index 0 at position 0; changing them damages the log. */
    public byte[] bytes() {
        return log;
    }

    public long write(EntryContext context, long volumeOffset, byte[] payload) {
        WriteEncoder encoder = new WriteEncoder().wrapAndApplyHeader(head, 0, messageHeader);
        encoder.volumeOffset(volumeOffset);
        byte[] tail = new byte[Integer.BYTES + payload.length];
        ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).putInt(payload.length).put(payload);
        return entry(context, WriteEncoder.BLOCK_LENGTH, tail, crc(payload, 0, payload.length));
    }

    /** A whole write request in parts of at most {@code piece} bytes. */
    public long request(int volume, long volumeOffset, byte[] data, int piece, long committed) {
        int parts = Math.ceilDiv(data.length, piece);
        for (int part = 0; part < parts; part++) {
            part(volume, volumeOffset, data, piece, part, committed);
        }
        return end;
    }

    /** One part of such a request. */
    public long part(
            int volume, long volumeOffset, byte[] data, int piece, int part, long committed) {
        EntryContext context = new EntryContext().ofNode(committed);
        context.volume = volume;
        context.part = part;
        context.lastOfRequest = (part + 1) * piece >= data.length;
        byte[] payload =
                Arrays.copyOfRange(data, part * piece, Math.min(data.length, (part + 1) * piece));
        return write(context, volumeOffset + (long) part * piece, payload);
    }

    public long zero(EntryContext context, boolean trimmed, long volumeOffset, long volumeLength) {
        if (trimmed) {
            new TrimEncoder()
                    .wrapAndApplyHeader(head, 0, messageHeader)
                    .volumeOffset(volumeOffset)
                    .volumeLength(volumeLength);
            return entry(context, TrimEncoder.BLOCK_LENGTH, new byte[0], 0);
        }
        new WriteZeroesEncoder()
                .wrapAndApplyHeader(head, 0, messageHeader)
                .volumeOffset(volumeOffset)
                .volumeLength(volumeLength);
        return entry(context, WriteZeroesEncoder.BLOCK_LENGTH, new byte[0], 0);
    }

    public long flush(EntryContext context) {
        new FlushEncoder().wrapAndApplyHeader(head, 0, messageHeader);
        return entry(context, FlushEncoder.BLOCK_LENGTH, new byte[0], 0);
    }

    /** An epoch that starts here, of this history. */
    public EpochIdentity nextEpoch(long number, UUID node) {
        return new EpochIdentity(number, end, chain, node, new UUID(number, end));
    }

    public long epochStart(EpochIdentity epoch, UUID resource, List<UUID> inSync, long committed) {
        EpochStartEncoder encoder =
                new EpochStartEncoder().wrapAndApplyHeader(head, 0, messageHeader);
        encoder.epoch()
                .number(epoch.number())
                .startPosition(epoch.startPosition())
                .chainHash(epoch.chainHash())
                .nodeHigh(epoch.node().getMostSignificantBits())
                .nodeLow(epoch.node().getLeastSignificantBits())
                .idHigh(epoch.id().getMostSignificantBits())
                .idLow(epoch.id().getLeastSignificantBits());
        encoder.resourceHigh(resource.getMostSignificantBits())
                .resourceLow(resource.getLeastSignificantBits())
                .forced(BooleanType.NO)
                .givenUpFrom(0)
                .givenUpTo(0);
        return control(EpochStartEncoder.BLOCK_LENGTH, group(inSync), committed);
    }

    public long inSyncSet(long epoch, List<UUID> members, long committed) {
        new InSyncSetEncoder().wrapAndApplyHeader(head, 0, messageHeader).epochNumber(epoch);
        return control(InSyncSetEncoder.BLOCK_LENGTH, group(members), committed);
    }

    public long epochEnd(long epoch, UUID heir, long committed) {
        new EpochEndEncoder()
                .wrapAndApplyHeader(head, 0, messageHeader)
                .epochNumber(epoch)
                .heirHigh(heir.getMostSignificantBits())
                .heirLow(heir.getLeastSignificantBits());
        return control(EpochEndEncoder.BLOCK_LENGTH, new byte[0], committed);
    }

    public long seal(long epoch, long chainHash, long committed) {
        new SealEncoder()
                .wrapAndApplyHeader(head, 0, messageHeader)
                .epochNumber(epoch)
                .chainHash(chainHash);
        return control(SealEncoder.BLOCK_LENGTH, new byte[0], committed);
    }

    private static byte[] group(List<UUID> members) {
        ByteBuffer tail =
                ByteBuffer.allocate(4 + 16 * members.size()).order(ByteOrder.LITTLE_ENDIAN);
        tail.putShort((short) 16).putShort((short) members.size());
        members.forEach(
                m -> tail.putLong(m.getMostSignificantBits()).putLong(m.getLeastSignificantBits()));
        return tail.array();
    }

    private long control(int blockLength, byte[] tail, long committed) {
        return entry(
                new EntryContext().ofNode(committed), blockLength, tail, crc(tail, 0, tail.length));
    }

    private int startOf(int blockLength, int tail) {
        int frame = EntryLayout.alignedFrame(EntryLayout.MESSAGE_HEADER + blockLength + tail);
        int offset = end % TERM_LENGTH;
        return offset + frame > TERM_LENGTH ? end - offset + TERM_LENGTH : end;
    }

    private long entry(EntryContext context, int blockLength, byte[] tail, int payloadCrc) {
        int start = startOf(blockLength, tail.length);
        int headLength = EntryLayout.MESSAGE_HEADER + blockLength;
        int frame = EntryLayout.FRAME_HEADER + headLength + tail.length;
        ensure(start + EntryLayout.alignedFrame(headLength + tail.length));
        if (start > end) {
            frameHeader(end, start - end, DataHeaderFlyweight.HDR_TYPE_PAD);
        }
        EntryHeaderEncoder header = new EntryHeaderEncoder().wrap(head, EntryLayout.MESSAGE_HEADER);
        header.headerCrc32c(0)
                .payloadCrc32c(payloadCrc & 0xFFFF_FFFFL)
                .position(start)
                .committed(context.committed)
                .timeNs(start)
                .client(context.client)
                .keyId(0)
                .part(context.part)
                .volume(context.volume);
        header.flags()
                .clear()
                .lastOfRequest(context.lastOfRequest)
                .fua(context.fua)
                .noHole(context.noHole);
        CRC32C crc = new CRC32C();
        crc.update(head.byteArray(), 0, EntryLayout.HEADER_CRC);
        crc.update(
                head.byteArray(),
                EntryLayout.HEADER_CRC + 4,
                headLength - EntryLayout.HEADER_CRC - 4);
        header.headerCrc32c(crc.getValue());
        frameHeader(start, frame, DataHeaderFlyweight.HDR_TYPE_DATA);
        System.arraycopy(head.byteArray(), 0, log, start + EntryLayout.FRAME_HEADER, headLength);
        System.arraycopy(tail, 0, log, start + EntryLayout.FRAME_HEADER + headLength, tail.length);
        int content = EntryLayout.alignedFrame(headLength + tail.length) - EntryLayout.FRAME_HEADER;
        new UnsafeBuffer(log)
                .putInt(
                        start + DataHeaderFlyweight.SESSION_ID_FIELD_OFFSET,
                        crc(log, start + EntryLayout.FRAME_HEADER, content),
                        ByteOrder.LITTLE_ENDIAN);
        chain = ChainHash.next(chain, start, (int) crc.getValue(), payloadCrc);
        lastStart = start;
        end = start + EntryLayout.alignedFrame(headLength + tail.length);
        return end;
    }

    private void frameHeader(int at, int length, int type) {
        UnsafeBuffer frame = new UnsafeBuffer(log);
        DataHeaderFlyweight flyweight = new DataHeaderFlyweight(frame);
        flyweight.wrap(log, at, EntryLayout.FRAME_HEADER);
        flyweight.version((short) 0).flags((short) 0xC0).headerType(type).frameLength(length);
        flyweight
                .termOffset(at % TERM_LENGTH)
                .termId(at / TERM_LENGTH)
                .sessionId(7)
                .streamId(STREAM);
    }

    private void ensure(int length) {
        while (log.length < length) {
            log = Arrays.copyOf(log, log.length * 2);
        }
    }

    /** Writes all bytes up to {@code end} as segment files of full length. */
    public void save(Path directory, long recordingId, int segmentLength, long upTo) {
        for (int base = 0; base < Math.max(upTo, 1); base += segmentLength) {
            Path file = directory.resolve(recordingId + "-" + base + ".rec");
            int length = (int) Math.min(segmentLength, upTo - base);
            try (FileChannel out =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap(log, base, length);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                if (length < segmentLength) {
                    out.write(ByteBuffer.allocate(1), segmentLength - 1L);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The same, and where they are. */
    public LogFiles saved(Path directory, int segmentLength) {
        save(directory, 0, segmentLength, end);
        LogFiles files = new LogFiles(directory, segmentLength);
        files.recording(0, segmentLength, new FrameRule(STREAM, 0, TERM_LENGTH));
        return files;
    }

    private static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
