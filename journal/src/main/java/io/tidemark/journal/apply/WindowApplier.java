package io.tidemark.journal.apply;

import io.tidemark.codec.log.FlushDecoder;
import io.tidemark.codec.log.TrimDecoder;
import io.tidemark.codec.log.WriteDecoder;
import io.tidemark.journal.JournalException;
import io.tidemark.journal.log.EntryCursor;
import io.tidemark.journal.log.LogReader;
import io.tidemark.journal.log.Trail;
import io.tidemark.journal.log.TrailReader;
import io.tidemark.journal.partition.Partition;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.collections.IntArrayList;

/**
 * Applies one window of the log: reads it once, checks every entry, keeps the last writer of each
 * byte, and writes what remains in offset order. Overwritten bytes never reach the partition. Only
 * whole requests get into a window (I7).
 *
 * <p>Applier thread only. Allocates nothing per entry once its maps have grown.
 */
final class WindowApplier {
    /** Zeroes whose space stays allocated. */
    private static final long ZEROES_ALLOCATED = -2;

    /** Zeroed at a time. */
    private static final long ZERO_BYTES = 64L << 20;

    /** Smallest frame of an entry that changes a volume; each adds two extents at most. */
    private static final int SMALLEST_FRAME = 128;

    private final LogReader reader;
    private final List<VolumePartition> volumes;
    private final ExtentMap[] extents;
    private final ExtentWriter writer;
    private final IntArrayList request = new IntArrayList();
    private final IntArrayList requestVolumes = new IntArrayList();

    WindowApplier(LogReader reader, List<VolumePartition> volumes) {
        this.reader = reader;
        this.volumes = volumes;
        this.extents = new ExtentMap[volumes.size()];
        for (int i = 0; i < extents.length; i++) {
            extents[i] = new ExtentMap(2 * (reader.capacity() / SMALLEST_FRAME) + 4);
        }
        this.writer = new ExtentWriter(reader.window());
    }

    /**
     * Zeroes all volumes, durably.
     *
     * @param closed ends it early
     * @return whether it came to the end
     */
    boolean zeroAll(BooleanSupplier closed) {
        for (VolumePartition volume : volumes) {
            Partition partition = volume.partition();
            long size = partition.volumeSizeBytes();
            for (long at = 0; at < size; at += ZERO_BYTES) {
                if (closed.getAsBoolean()) {
                    return false;
                }
                partition.zero(at, Math.min(ZERO_BYTES, size - at), true);
            }
            partition.sync();
        }
        return true;
    }

    /**
     * Applies whole requests from {@code applied} on, not beyond {@code limit} and not more than
     * the window takes.
     *
     * @return the trail at the new applied position
     * @throws io.tidemark.journal.log.DamagedLogException if an entry is damaged: nothing of it or
     *     behind it is applied
     */
    Trail apply(Trail applied, long limit) {
        EntryCursor cursor = reader.loadOrZero(applied.position(), limit);
        EntryCursor lookup = reader.secondCursor();
        TrailReader walk = new TrailReader(applied);
        request.clear();
        requestVolumes.clear();
        for (ExtentMap map : extents) {
            // A window that met damage was not written.
            map.clear();
        }
        EntryCursor.Step step = cursor.next();
        while (step == EntryCursor.Step.ENTRY) {
            if (walk.entry(cursor)) {
                request.clear();
                requestVolumes.clear();
            }
            if (cursor.templateId() < FlushDecoder.TEMPLATE_ID) {
                request.addInt((int) (cursor.position() - applied.position()));
                requestVolumes.addInt(indexOf(cursor));
            }
            if (cursor.lastOfRequest()) {
                take(lookup);
            }
            step = cursor.next();
        }
        // The limit is where a frame ends: what ends before it is half a frame.
        boolean half =
                step == EntryCursor.Step.END
                        && cursor.endPosition() < limit
                        && limit - applied.position() <= reader.capacity();
        if (step == EntryCursor.Step.INVALID || half) {
            long at = half ? cursor.endPosition() : cursor.position();
            throw reader.damaged(at, limit, walk, half ? "half a frame" : cursor.problem());
        }
        Trail next = walk.trail();
        if (next.position() == applied.position()
                && limit - applied.position() >= reader.capacity()) {
            throw new JournalException(
                    JournalException.Code.DAMAGED,
                    "the log is damaged at position "
                            + cursor.endPosition()
                            + ": no whole request ends within "
                            + reader.capacity()
                            + " bytes from position "
                            + applied.position()
                            + ". Restore the journal from a peer");
        }
        for (int i = 0; i < extents.length; i++) {
            writer.write(extents[i], volumes.get(i).partition());
            extents[i].clear();
        }
        return next;
    }

    /** Puts a whole request into the maps, which have room for more entries than a window holds. */
    private void take(EntryCursor lookup) {
        for (int i = 0; i < request.size(); i++) {
            lookup.at(request.getInt(i));
            long start = lookup.volumeOffset();
            long value =
                    switch (lookup.templateId()) {
                        case WriteDecoder.TEMPLATE_ID -> lookup.payloadOffset();
                        case TrimDecoder.TEMPLATE_ID -> ExtentMap.ZEROES;
                        default ->
                                lookup.header().flags().noHole()
                                        ? ZEROES_ALLOCATED
                                        : ExtentMap.ZEROES;
                    };
            ExtentMap map = extents[requestVolumes.getInt(i)];
            if (lookup.volumeLength() > 0
                    && !map.put(start, start + lookup.volumeLength(), value, lookup.position())) {
                throw new AssertionError("more extents than a window has room for entries");
            }
        }
        request.clear();
        requestVolumes.clear();
    }

    private int indexOf(EntryCursor cursor) {
        int volume = cursor.header().volume();
        for (int i = 0; i < volumes.size(); i++) {
            if (volumes.get(i).volume() == volume) {
                return i;
            }
        }
        throw new JournalException(
                JournalException.Code.DAMAGED,
                "the entry at position "
                        + cursor.position()
                        + " is for volume "
                        + volume
                        + ", which the configuration does not have");
    }
}
