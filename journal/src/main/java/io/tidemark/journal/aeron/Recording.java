package io.tidemark.journal.aeron;

import io.aeron.Aeron;
import io.aeron.ChannelUriStringBuilder;
import io.aeron.CommonContext;
import io.aeron.ExclusivePublication;
import io.aeron.archive.client.AeronArchive;
import io.aeron.archive.client.ArchiveException;
import io.aeron.archive.client.ReplicationParams;
import io.aeron.archive.codecs.SourceLocation;
import io.aeron.archive.status.RecordingPos;
import io.tidemark.journal.DurableFolders;
import io.tidemark.journal.JournalException;
import io.tidemark.journal.log.FrameRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongPredicate;
import org.agrona.concurrent.status.CountersReader;
import org.jspecify.annotations.Nullable;

/**
 * The recording of one resource's log in this node's archive, known by its stream id. Either this
 * node appends (the archive records an IPC publication) or it follows a peer (the archive
 * replicates the peer's recording for as long as it grows), or neither.
 *
 * <p>Data thread only. The calls that change what is recorded block for some milliseconds.
 */
public final class Recording {
    /** A recording that ends because of a failed write is found ended within two cycles. */
    private static final long END_NOTICED_NS = 1_000_000_000L;

    private final AeronStack stack;
    private final int streamId;
    private long recordingId = Aeron.NULL_VALUE;
    private long startPosition;
    private long stopPosition;
    private int initialTermId;
    private @Nullable FrameRule frames;
    private int mtu;
    private int segmentLength;
    private int counterId = CountersReader.NULL_COUNTER_ID;
    private int sessionId;
    private long replicationId = Aeron.NULL_VALUE;
    private boolean following;

    /** The archive gives an empty recording the descriptor of the one that it follows. */
    private boolean replacing;

    private long followStartedNs;

    /** When it was last seen to grow. */
    private long grewNs;

    /** Finds the recording, if there is one. */
    public Recording(AeronStack stack, int streamId) {
        this.stack = stack;
        this.streamId = streamId;
        this.segmentLength = stack.settings().segmentLength();
        refresh();
    }

    /** Reads the catalog again. */
    public void refresh() {
        stack.blocking(
                archive ->
                        archive.listRecordings(
                                0,
                                Integer.MAX_VALUE,
                                (controlSessionId,
                                        correlationId,
                                        id,
                                        startTimestamp,
                                        stopTimestamp,
                                        start,
                                        stop,
                                        termId,
                                        segmentFileLength,
                                        termBufferLength,
                                        mtuLength,
                                        session,
                                        stream,
                                        strippedChannel,
                                        originalChannel,
                                        sourceIdentity) -> {
                                    if (stream == streamId) {
                                        recordingId = id;
                                        startPosition = start;
                                        stopPosition = stop;
                                        initialTermId = termId;
                                        mtu = mtuLength;
                                        segmentLength = segmentFileLength;
                                        frames = new FrameRule(stream, termId, termBufferLength);
                                    }
                                }));
    }

    public boolean exists() {
        return recordingId != Aeron.NULL_VALUE;
    }

    public long recordingId() {
        return recordingId;
    }

    /** What its frames look like; null if it does not exist. */
    public @Nullable FrameRule frames() {
        return exists() ? frames : null;
    }

    public long startPosition() {
        return startPosition;
    }

    /** Bytes per segment file, those of the first node that had the log. */
    public int segmentLength() {
        return segmentLength;
    }

    public int mtu() {
        return mtu;
    }

    /** End of a recording that is not growing. */
    public long stopPosition() {
        return stopPosition;
    }

    /**
     * End of what the archive has recorded: the counter while it grows, the catalog's stop position
     * otherwise.
     */
    public long recorded() {
        if (counterId == CountersReader.NULL_COUNTER_ID) {
            return exists() ? stopPosition : 0;
        }
        return stack.aeron().countersReader().getCounterValue(counterId);
    }

    /**
     * Whether the archive is recording at this moment. The publication runs on when it is not:
     * watch this.
     */
    public boolean growing() {
        boolean growing =
                counterId != CountersReader.NULL_COUNTER_ID
                        && RecordingPos.isActive(
                                stack.aeron().countersReader(), counterId, recordingId);
        if (growing) {
            grewNs = System.nanoTime();
        }
        return growing;
    }

    /**
     * Has somebody asked before each cycle of the archive whether it may record on.
     *
     * @param gate is given the exact end of what is recorded, or -1 if nothing is recording or it
     *     is not known yet; false holds back the archive of the whole node, for less than a second
     */
    public void askBeforeRecording(LongPredicate gate) {
        stack.askBeforeRecording(() -> gate.test(recordedNow()));
    }

    private long recordedNow() {
        CountersReader counters = stack.aeron().countersReader();
        return counterId != CountersReader.NULL_COUNTER_ID
                        && RecordingPos.isActive(counters, counterId, recordingId)
                ? counters.getCounterValue(counterId)
                : -1;
    }

    public boolean following() {
        return following;
    }

    /**
     * Why the archive could not write, for a recording that does not grow (any more); null if it
     * ended for another reason.
     */
    public @Nullable String writeFailure() {
        boolean hasGrown = counterId != CountersReader.NULL_COUNTER_ID;
        long sinceNs = hasGrown ? grewNs - END_NOTICED_NS : followStartedNs;
        return stack.writeFailures().since(sinceNs);
    }

    /**
     * Opens the log for appending at the recording's end, or creates it. The recording must not be
     * growing.
     *
     * @param newLogMtu MTU of a log that does not exist yet; fixed for its life
     */
    public ExclusivePublication append(int newLogMtu) {
        ChannelUriStringBuilder uri =
                new ChannelUriStringBuilder()
                        .media(CommonContext.IPC_MEDIA)
                        .termLength(AeronSettings.LOG_TERM_LENGTH)
                        .mtu(exists() ? mtu : newLogMtu);
        if (exists()) {
            clearBeyond(stopPosition);
            uri.initialPosition(stopPosition, initialTermId, AeronSettings.LOG_TERM_LENGTH);
        }
        ExclusivePublication publication =
                stack.blocking(
                        archive -> stack.aeron().addExclusivePublication(uri.build(), streamId));
        sessionId = publication.sessionId();
        String channel = "aeron:ipc?session-id=" + sessionId;
        stack.blocking(
                archive ->
                        exists()
                                ? archive.extendRecording(
                                        recordingId, channel, streamId, SourceLocation.LOCAL)
                                : archive.startRecording(channel, streamId, SourceLocation.LOCAL));
        awaitCounter();
        if (!exists()) {
            recordingId = RecordingPos.getRecordingId(stack.aeron().countersReader(), counterId);
            refresh();
            described();
        }
        return publication;
    }

    /**
     * Records the peer's recording from this one's end on, for as long as it grows. The caller has
     * made sure that both agree up to there: the archive does not check.
     */
    public void follow(long peerRecordingId, String peerArchiveChannel) {
        if (exists()) {
            clearBeyond(stopPosition);
            if (stopPosition == startPosition) {
                replacing = true;
                stack.recordingChanges();
            }
        }
        sessionId = ThreadLocalRandom.current().nextInt();
        ReplicationParams params =
                new ReplicationParams()
                        .dstRecordingId(recordingId)
                        .replicationSessionId(sessionId)
                        .encodedCredentials(stack.access().ticket(peerArchiveChannel))
                        .replicationChannel(
                                stack.settings().replicationChannel()
                                        + "|rcv-wnd="
                                        + stack.windowBytes());
        replicationId =
                stack.blocking(
                        archive ->
                                archive.replicate(
                                        peerRecordingId,
                                        AeronSettings.ARCHIVE_CONTROL_STREAM_ID,
                                        peerArchiveChannel,
                                        params));
        following = true;
        followStartedNs = System.nanoTime();
        counterId = CountersReader.NULL_COUNTER_ID;
    }

    /**
     * Looks whether the followed recording has begun to grow, or has ended. Called every duty cycle
     * while following.
     *
     * @return false if it ended, or did not begin within {@code timeoutNs}: call {@link #stop} and
     *     follow again
     */
    public boolean pollFollow(long nowNs, long timeoutNs) {
        if (counterId == CountersReader.NULL_COUNTER_ID) {
            counterId = findCounter();
            if (counterId == CountersReader.NULL_COUNTER_ID) {
                return nowNs - followStartedNs < timeoutNs;
            }
            if (!exists() || replacing) {
                recordingId =
                        RecordingPos.getRecordingId(stack.aeron().countersReader(), counterId);
                refresh();
                described();
            }
        }
        return growing();
    }

    /**
     * Ends appending or following; the recording has a fixed end afterwards.
     *
     * @return what a write of its last blocks failed with, null if none did
     */
    public @Nullable String stop() {
        boolean hasGrown = counterId != CountersReader.NULL_COUNTER_ID;
        if (following) {
            stack.blocking(archive -> archive.tryStopReplication(replicationId));
            following = false;
            refresh();
        }
        if (exists()) {
            stack.blocking(archive -> archive.tryStopRecordingByIdentity(recordingId));
            awaitStopped();
        }
        String failure = hasGrown ? writeFailure() : null;
        counterId = CountersReader.NULL_COUNTER_ID;
        refresh();
        if (replacing) {
            described();
        }
        return failure;
    }

    /** The catalog says what the recording is, once and for all. */
    private void described() {
        replacing = false;
        stack.recordingDescribed();
    }

    /**
     * Cuts a recording that is not growing. {@code position} is the start of a frame: the archive
     * would corrupt its catalog at any other.
     */
    public void truncate(long position) {
        stopReplays();
        prepareCut(position);
        deleteBeyond(position);
        truncateWhenReplaysEnded(position);
        refresh();
        if (stopPosition != position) {
            throw new JournalException(
                    JournalException.Code.AERON,
                    "recording "
                            + recordingId
                            + " was to be cut at "
                            + position
                            + ", ends at "
                            + stopPosition);
        }
    }

    /** A peer that died while it replayed this recording would forbid a cut. */
    private void stopReplays() {
        stack.blocking(
                archive -> {
                    archive.stopAllReplays(recordingId);
                    return true;
                });
    }

    private void prepareCut(long position) {
        long offset = position % segmentLength;
        FrameRule rule = frames;
        if (offset != 0 && position < stopPosition && rule != null) {
            CutPoint.prepare(
                    stack.settings()
                            .archiveDirectory()
                            .resolve(recordingId + "-" + (position - offset) + ".rec"),
                    offset,
                    (int) (position % rule.termLength()),
                    rule.initialTermId() + (int) (position / rule.termLength()),
                    sessionId,
                    rule.streamId());
        }
    }

    private void truncateWhenReplaysEnded(long position) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (true) {
            try {
                stack.blocking(archive -> archive.truncateRecording(recordingId, position));
                return;
            } catch (ArchiveException e) {
                if (!String.valueOf(e.getMessage()).contains("active replay")) {
                    throw e;
                }
                pumpUntil(deadline, "a replay of recording " + recordingId + " does not end");
                stopReplays();
            }
        }
    }

    /**
     * Deletes the segments that a cut leaves without any of the log, the last one first: a node
     * that is killed in between finds a shorter log without a gap. The archive would begin with the
     * first.
     */
    private void deleteBeyond(long position) {
        try {
            Path directory = stack.settings().archiveDirectory();
            for (Path file : beyond(position).descendingMap().values()) {
                Files.delete(file);
            }
            DurableFolders.sync(directory);
        } catch (IOException e) {
            throw beyondFailed(e);
        }
    }

    /** Segments beyond the end would stop the recording silently at the next rollover. */
    private void clearBeyond(long position) {
        try {
            for (Path file : beyond(position).descendingMap().values()) {
                Segments.remove(file, "lies beyond the log's end at position " + position);
            }
        } catch (IOException e) {
            throw beyondFailed(e);
        }
    }

    private NavigableMap<Long, Path> beyond(long position) throws IOException {
        return Segments.of(stack.settings().archiveDirectory(), recordingId)
                .tailMap(position, position != startPosition);
    }

    private static JournalException beyondFailed(IOException e) {
        return new JournalException(
                JournalException.Code.FAILED,
                "cannot remove a segment beyond the log's end: " + e.getMessage(),
                e);
    }

    private void awaitCounter() {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (true) {
            counterId = findCounter();
            if (counterId != CountersReader.NULL_COUNTER_ID) {
                return;
            }
            pumpUntil(deadline, "the archive does not start to record");
        }
    }

    private int findCounter() {
        return RecordingPos.findCounterIdBySession(
                stack.aeron().countersReader(), sessionId, stack.archiveId());
    }

    private void awaitStopped() {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (stack.blocking(archive -> archive.getStopPosition(recordingId))
                == AeronArchive.NULL_POSITION) {
            pumpUntil(deadline, "the archive does not stop to record");
        }
    }

    private void pumpUntil(long deadline, String problem) {
        if (stack.doWork() == 0) {
            Thread.onSpinWait();
        }
        if (System.nanoTime() - deadline > 0) {
            throw new JournalException(JournalException.Code.AERON, problem + ": restart the node");
        }
    }
}
