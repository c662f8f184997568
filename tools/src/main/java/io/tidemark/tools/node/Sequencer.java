package io.tidemark.tools.node;

import io.tidemark.journal.JournalException;
import io.tidemark.journal.apply.ReadJob;
import io.tidemark.journal.apply.ReadOverlay;
import io.tidemark.journal.apply.Readers;
import io.tidemark.journal.apply.VolumePartition;
import io.tidemark.journal.log.EntryContext;
import io.tidemark.journal.log.EntryLayout;
import io.tidemark.journal.log.LogAppender;
import io.tidemark.journal.replication.ReplicationState;
import io.tidemark.journal.replication.ResourceAgent;
import io.tidemark.nbd.DeviceRequest;
import io.tidemark.nbd.NbdErrors;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts the requests of all volumes and connections of a resource into one order, the log's, and
 * answers each when its promise holds (I4). Reads are resolved against the overlay when they come
 * in and done by the readers.
 *
 * <p>Data thread only; allocates nothing per request in steady state.
 */
final class Sequencer {
    /** Entries of one volume that may be unapplied, whatever their size. */
    private static final int OVERLAY_ENTRIES = 1 << 18;

    private final ResourceAgent agent;
    private final Readers readers;
    private final List<VolumePartition> volumes;
    private final List<ReadOverlay> overlays = new ArrayList<>();
    private final ReplyQueue plain = new ReplyQueue();
    private final ReplyQueue durable = new ReplyQueue();
    private final UnansweredEntries unanswered = new UnansweredEntries();
    private final FailedReads failedReads;
    private final HeldReads heldReads;
    private final EntryContext context = new EntryContext();
    private @Nullable LogAppender appender;
    private long nowNs;

    /** A request that is appended in part, by its connection's number; 0 if there is none. */
    private long partialClient;

    private boolean partialOffered;

    /** A request was refused in this cycle because too much is unapplied. */
    private boolean heldBack;

    private int partialSlice;
    private int partialOffset;
    private int partialEntries;
    private int partialPart;

    Sequencer(ResourceAgent agent, Readers readers) {
        this.agent = agent;
        this.readers = readers;
        this.volumes = agent.config().volumes();
        this.heldReads = new HeldReads(readers, agent.config().replication().peerWaitNs());
        this.failedReads = new FailedReads(agent.config().replication().resource());
        for (int i = 0; i < volumes.size(); i++) {
            overlays.add(new ReadOverlay(OVERLAY_ENTRIES));
        }
    }

    /**
     * Clients may be served: everything older than the epoch is applied, so the overlay begins
     * empty.
     */
    void open() {
        clear();
        appender = agent.front();
    }

    /** The reign is over. Connections are closed without replies, so nothing is completed. */
    void clear() {
        if (partialClient != 0) {
            abandonPartial();
        }
        appender = null;
        unanswered.clear();
        heldReads.clear(this::answerRead);
        overlays.forEach(ReadOverlay::clear);
        while (!plain.isEmpty()) {
            plain.take().complete(NbdErrors.ESHUTDOWN);
        }
        while (!durable.isEmpty()) {
            durable.take().complete(NbdErrors.ESHUTDOWN);
        }
    }

    boolean submit(int volume, DeviceRequest request) {
        try {
            return switch (request.command()) {
                case READ -> read(volume, request);
                case WRITE -> write(volume, request);
                case TRIM, WRITE_ZEROES -> zero(volume, request);
                case FLUSH -> flush(request);
            };
        } catch (JournalException e) {
            agent.fail(e);
            return false;
        }
    }

    /** One cycle, after the agent's: answers what may be answered. */
    int release(long dutyNowNs) {
        nowNs = dutyNowNs;
        ReplicationState state = agent.state();
        int work = collectReads();
        if (appender == null) {
            agent.state().reign().waiting(0, 0, 0, 0);
            return work;
        }
        long answerable = state.answeredRecorded();
        unanswered.moveTo(overlays, answerable);
        work += answer(plain, answerable) + answer(durable, state.answeredDurable());
        long applied = agent.applied();
        for (int i = 0; i < overlays.size(); i++) {
            overlays.get(i).appliedTo(applied);
        }
        state.reign()
                .waiting(
                        plain.oldestEnd(),
                        plain.oldestSinceNs(),
                        durable.oldestEnd(),
                        durable.oldestSinceNs());
        return work;
    }

    /**
     * After every connection had its turn: a partial request that was not offered again has lost
     * its connection.
     */
    void afterSubmits() {
        if (partialClient != 0 && !partialOffered) {
            abandonPartial();
        }
        partialOffered = false;
        agent.heldBack(heldBack);
        heldBack = false;
    }

    private int answer(ReplyQueue queue, long position) {
        int answered = 0;
        while (!queue.isEmpty() && queue.oldestEnd() <= position) {
            agent.state().reign().answered(queue.oldestEnd());
            queue.take().complete(NbdErrors.NONE);
            answered++;
        }
        return answered;
    }

    private boolean read(int volume, DeviceRequest request) {
        // Not while the epoch ends either: its heir may serve newer content already.
        if (appender == null || agent.front() == null) {
            return false;
        }
        ReadJob job = readers.take();
        if (job == null) {
            return false;
        }
        job.prepare(
                volumes.get(volume),
                overlays.get(volume),
                agent.recorded(),
                request.offset(),
                (int) request.length(),
                request.target(),
                request);
        readers.submit(job);
        return true;
    }

    private int collectReads() {
        int collected = 0;
        heldReads.again(nowNs);
        ReadJob job = readers.poll();
        while (job != null) {
            if (appender == null || !heldReads.hold(job, nowNs)) {
                answerRead(job);
            }
            collected++;
            job = readers.poll();
        }
        return collected;
    }

    private void answerRead(ReadJob job) {
        DeviceRequest request = (DeviceRequest) job.attachment();
        RuntimeException failure = job.failure();
        readers.release(job);
        if (failure != null) {
            failedReads.failed(failure, nowNs);
        }
        request.complete(failure == null ? NbdErrors.NONE : NbdErrors.EIO);
    }

    private boolean write(int volume, DeviceRequest request) {
        LogAppender log = turn(request, volume);
        if (log == null) {
            return false;
        }
        int slices = request.payloadCount();
        long done = doneBefore(request);
        while (partialSlice < slices) {
            int sliceLength = request.payloadLength(partialSlice);
            int length = Math.min(log.maxPayload(), sliceLength - partialOffset);
            boolean last = partialSlice == slices - 1 && partialOffset + length == sliceLength;
            fill(volume, request, last);
            long end =
                    log.write(
                            context,
                            request.offset() + done,
                            request.payload(partialSlice),
                            request.payloadOffset(partialSlice) + partialOffset,
                            length);
            if (end == LogAppender.BACK_PRESSURED) {
                partialClient = partialEntries == 0 ? 0 : request.client();
                partialOffered = true;
                return false;
            }
            unanswered.add(
                    volume,
                    log.lastStart(),
                    Long.MAX_VALUE,
                    request.offset() + done,
                    length,
                    log.lastStart() + EntryLayout.FRAME_HEADER + EntryLayout.WRITE_OVERHEAD);
            partialEntries++;
            partialPart++;
            done += length;
            partialOffset += length;
            if (partialOffset == sliceLength) {
                partialSlice++;
                partialOffset = 0;
            }
            if (last) {
                unanswered.closeRequest(partialEntries, end);
                finish(request, end);
            }
        }
        return true;
    }

    private boolean zero(int volume, DeviceRequest request) {
        LogAppender log = turn(request, volume);
        if (log == null) {
            return false;
        }
        fill(volume, request, true);
        boolean trim = request.command() == io.tidemark.nbd.Command.TRIM;
        long end = log.zero(context, trim, request.offset(), request.length());
        if (end == LogAppender.BACK_PRESSURED) {
            return false;
        }
        unanswered.add(
                volume,
                log.lastStart(),
                end,
                request.offset(),
                request.length(),
                ReadOverlay.ZEROES);
        finish(request, end);
        return true;
    }

    private boolean flush(DeviceRequest request) {
        LogAppender log = appender;
        if (log == null || partialClient != 0) {
            return false;
        }
        if (agent.state().answeredDurable() >= log.appended()) {
            request.complete(NbdErrors.NONE);
            return true;
        }
        if (agent.front() == null || !agent.room().fits(log, 0, 0)) {
            // Its entry changes nothing, and would make an epoch's end before it void. What it
            // asks for is durability up to here.
            agent.syncWanted(log.appended());
            durable.add(request, log.appended(), nowNs);
            return true;
        }
        fill(0, request, true);
        long end = log.flush(context);
        if (end == LogAppender.BACK_PRESSURED) {
            return false;
        }
        agent.requestAppended(end);
        agent.syncWanted(end);
        durable.add(request, end, nowNs);
        return true;
    }

    /** The log, if this request may be appended now or is the one that is under way. */
    private @Nullable LogAppender turn(DeviceRequest request, int volume) {
        LogAppender log = appender;
        if (log == null || agent.front() == null) {
            return null;
        }
        if (partialClient == request.client()) {
            partialOffered = true;
            return log;
        }
        int slices = request.payloadCount();
        long entries = slices == 0 ? 1 : request.length() / log.maxPayload() + slices + 1;
        if (partialClient != 0) {
            return null;
        }
        if (!agent.hasRoom() || overlays.get(volume).room() - unanswered.size() < entries) {
            heldBack = true;
            return null;
        }
        // Not "held back": nothing that a peer does could help.
        if (!agent.room().fits(log, slices == 0 ? 0 : request.length(), slices)) {
            return null;
        }
        partialSlice = 0;
        partialOffset = 0;
        partialEntries = 0;
        partialPart = 0;
        return log;
    }

    private long doneBefore(DeviceRequest request) {
        long done = partialOffset;
        for (int i = 0; i < partialSlice; i++) {
            done += request.payloadLength(i);
        }
        return done;
    }

    private void fill(int volume, DeviceRequest request, boolean last) {
        context.committed = agent.state().committed();
        context.client = request.client();
        context.part = request.payloadCount() == 0 ? 0 : partialPart;
        context.volume = volumes.get(volume).volume();
        context.lastOfRequest = last;
        context.fua = request.fua();
        context.noHole = request.noHole();
    }

    private void finish(DeviceRequest request, long end) {
        partialClient = 0;
        agent.requestAppended(end);
        if (request.fua()) {
            agent.syncWanted(end);
            durable.add(request, end, nowNs);
        } else {
            plain.add(request, end, nowNs);
        }
    }

    private void abandonPartial() {
        unanswered.drop(partialEntries);
        partialClient = 0;
        if (appender != null) {
            appender.abandonRequest();
        }
    }
}
