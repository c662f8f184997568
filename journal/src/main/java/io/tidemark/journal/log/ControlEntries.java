package io.tidemark.journal.log;

import io.tidemark.codec.log.BooleanType;
import io.tidemark.codec.log.EpochEndEncoder;
import io.tidemark.codec.log.EpochStartEncoder;
import io.tidemark.codec.log.InSyncSetEncoder;
import io.tidemark.codec.log.MessageHeaderEncoder;
import io.tidemark.codec.log.SealEncoder;
import io.tidemark.journal.epoch.EpochIdentity;
import java.util.List;
import java.util.UUID;
import org.agrona.ExpandableDirectByteBuffer;

/**
 * Appends the entries that the node itself puts in the log, each a request of its own. Data thread
 * only; not the data path.
 */
public final class ControlEntries {
    private final ExpandableDirectByteBuffer buffer = new ExpandableDirectByteBuffer(1024);
    private final MessageHeaderEncoder messageHeader = new MessageHeaderEncoder();
    private final EntryContext context = new EntryContext();
    private final LogAppender appender;

    public ControlEntries(LogAppender appender) {
        this.appender = appender;
    }

    /**
     * Appends the start of an epoch. Its start position is the log's end; the entry may lie behind
     * padding.
     *
     * @return the entry's end position or {@link LogAppender#BACK_PRESSURED}
     */
    public long epochStart(
            EpochIdentity epoch,
            UUID resource,
            boolean forced,
            long givenUpFrom,
            long givenUpTo,
            List<UUID> inSync,
            long committed) {
        EpochStartEncoder encoder =
                new EpochStartEncoder().wrapAndApplyHeader(buffer, 0, messageHeader);
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
                .forced(forced ? BooleanType.YES : BooleanType.NO)
                .givenUpFrom(givenUpFrom)
                .givenUpTo(givenUpTo);
        EpochStartEncoder.InSyncEncoder group = encoder.inSyncCount(inSync.size());
        for (UUID member : inSync) {
            group.next()
                    .nodeHigh(member.getMostSignificantBits())
                    .nodeLow(member.getLeastSignificantBits());
        }
        return append(encoder.encodedLength(), EpochStartEncoder.BLOCK_LENGTH, committed);
    }

    /** Appends a new in-sync set. */
    public long inSyncSet(long epochNumber, List<UUID> members, long committed) {
        InSyncSetEncoder encoder =
                new InSyncSetEncoder().wrapAndApplyHeader(buffer, 0, messageHeader);
        encoder.epochNumber(epochNumber);
        InSyncSetEncoder.InSyncEncoder group = encoder.inSyncCount(members.size());
        for (UUID member : members) {
            group.next()
                    .nodeHigh(member.getMostSignificantBits())
                    .nodeLow(member.getLeastSignificantBits());
        }
        return append(encoder.encodedLength(), InSyncSetEncoder.BLOCK_LENGTH, committed);
    }

    /** Appends the end of an epoch. */
    public long epochEnd(long epochNumber, UUID heir, long committed) {
        EpochEndEncoder encoder =
                new EpochEndEncoder().wrapAndApplyHeader(buffer, 0, messageHeader);
        encoder.epochNumber(epochNumber)
                .heirHigh(heir.getMostSignificantBits())
                .heirLow(heir.getLeastSignificantBits());
        return append(encoder.encodedLength(), EpochEndEncoder.BLOCK_LENGTH, committed);
    }

    /** Appends a seal over everything before it. */
    public long seal(long epochNumber, long committed) {
        SealEncoder encoder = new SealEncoder().wrapAndApplyHeader(buffer, 0, messageHeader);
        encoder.epochNumber(epochNumber).chainHash(appender.chain());
        return append(encoder.encodedLength(), SealEncoder.BLOCK_LENGTH, committed);
    }

    private long append(int encodedLength, int blockLength, long committed) {
        return appender.control(
                context.ofNode(committed),
                buffer,
                MessageHeaderEncoder.ENCODED_LENGTH + encodedLength,
                blockLength);
    }
}
