package io.tidemark.journal.replication;

import io.aeron.ExclusivePublication;
import io.tidemark.codec.peer.CommitEncoder;
import io.tidemark.codec.peer.HeartbeatEncoder;
import io.tidemark.codec.peer.LeaveEncoder;
import io.tidemark.codec.peer.MessageHeaderEncoder;
import io.tidemark.codec.peer.PositionsEncoder;
import io.tidemark.journal.epoch.EpochHistory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.ExpandableDirectByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * This node's side of the link to one peer. A link has a random session number on each side; both
 * are in every message that acknowledges something, and a side that loses sight of the other takes
 * a new one, so that nothing said before counts after (DESIGN section 4).
 *
 * <p>Data thread only. A message that does not fit is dropped: positions and commits are repeated,
 * Hello and what follows from it are sent until answered.
 */
final class PeerLink implements AutoCloseable {
    static final long HEARTBEAT_NS = 500_000_000L;
    static final long LOST_NS = 3_000_000_000L;
    private static final long HELLO_RETRY_NS = 500_000_000L;

    private final int index;
    private final PeerAddress peer;
    private final ExclusivePublication publication;
    private final ExpandableDirectByteBuffer rare = new ExpandableDirectByteBuffer(4096);
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[256]);
    private final MessageHeaderEncoder messageHeader = new MessageHeaderEncoder();
    private final PositionsEncoder positions = new PositionsEncoder();
    private final CommitEncoder commit = new CommitEncoder();
    private final LeaveEncoder leave = new LeaveEncoder();
    private final HeartbeatEncoder heartbeat = new HeartbeatEncoder();
    private final List<ResourceMessages> unanswered = new ArrayList<>();
    private long session = newSession();
    private long remote;
    private int aeronSession;
    private boolean echoed;
    private boolean heardAny;
    private long heardNs;
    private long sentNs;
    private long helloNs;

    PeerLink(int index, PeerAddress peer, ExclusivePublication publication) {
        this.index = index;
        this.peer = peer;
        this.publication = publication;
    }

    int index() {
        return index;
    }

    PeerAddress peer() {
        return peer;
    }

    /** This side's session. */
    long session() {
        return session;
    }

    /** The peer's session, 0 while nothing was heard. */
    long remote() {
        return remote;
    }

    /** Aeron session of the peer's publication. */
    int aeronSession() {
        return aeronSession;
    }

    void heard(long nowNs) {
        heardNs = nowNs;
        heardAny = true;
    }

    /** A peer that acknowledges has heard this side. */
    void heardAcknowledgement(long nowNs) {
        heard(nowNs);
        echoed = true;
    }

    void heardHello(Hello hello, int fromAeronSession, long nowNs) {
        heard(nowNs);
        remote = hello.link();
        aeronSession = fromAeronSession;
        echoed = hello.echo() == session;
    }

    boolean lost(long nowNs) {
        return heardAny && nowNs - heardNs > LOST_NS;
    }

    /** The peer is out of sight: a new session begins. */
    void renew(long nowNs) {
        session = newSession();
        remote = 0;
        echoed = false;
        heardAny = false;
        heardNs = nowNs;
    }

    /** Sends this resource's Hello with the next {@link #keepAlive}. */
    void answer(ResourceMessages resource) {
        if (!unanswered.contains(resource)) {
            unanswered.add(resource);
        }
    }

    int keepAlive(long nowNs, List<ResourceMessages> resources) {
        if (!publication.isConnected()) {
            return 0;
        }
        int work = 0;
        if (!echoed && nowNs - helloNs > HELLO_RETRY_NS) {
            helloNs = nowNs;
            for (int i = 0; i < resources.size(); i++) {
                answer(resources.get(i));
            }
        }
        while (!unanswered.isEmpty()) {
            ResourceMessages resource = unanswered.getLast();
            Hello hello = resource.hello(session, remote);
            if (hello != null) {
                int length = PeerCodec.encodeHello(rare, resource.resourceKey(), hello);
                if (publication.offer(rare, 0, length) < 0) {
                    return work;
                }
            }
            unanswered.removeLast();
            sentNs = nowNs;
            work++;
        }
        if (remote != 0 && nowNs - sentNs > HEARTBEAT_NS) {
            heartbeat.wrapAndApplyHeader(buffer, 0, messageHeader).link(session).timeNs(nowNs);
            send(nowNs, MessageHeaderEncoder.ENCODED_LENGTH + heartbeat.encodedLength());
            work++;
        }
        return work;
    }

    void sendFollow(
            int resourceKey,
            long attempt,
            long epoch,
            long recordingId,
            long common,
            EpochHistory history) {
        int length =
                PeerCodec.encodeFollow(
                        rare, resourceKey, attempt, epoch, recordingId, common, history);
        publication.offer(rare, 0, length);
    }

    void sendRefusal(int resourceKey, Refusal refusal) {
        publication.offer(rare, 0, PeerCodec.encodeRefusal(rare, resourceKey, remote, refusal));
    }

    void sendLeave(long nowNs, int resourceKey) {
        leave.wrapAndApplyHeader(buffer, 0, messageHeader).resourceKey(resourceKey).link(session);
        send(nowNs, MessageHeaderEncoder.ENCODED_LENGTH + leave.encodedLength());
    }

    /**
     * @return whether the message was taken
     */
    boolean sendRangeRequest(int resourceKey, String nodeName, RangeRequest request) {
        int length = RangeCodec.encodeRequest(rare, resourceKey, nodeName, request);
        return publication.offer(rare, 0, length) > 0;
    }

    /**
     * @return whether the message was taken; it is long, so that the term may have no room for it
     */
    boolean sendRangeData(int resourceKey, RangeRequest request, ByteBuffer frames, int length) {
        int bytes = RangeCodec.encodeData(rare, resourceKey, request, frames, length);
        return publication.offer(rare, 0, bytes) > 0;
    }

    void sendRangeRefusal(int resourceKey, RangeRequest request, String text) {
        publication.offer(rare, 0, RangeCodec.encodeRefusal(rare, resourceKey, request, text));
    }

    /**
     * @return whether the message was taken
     */
    boolean sendPositions(
            long nowNs,
            int resourceKey,
            long attempt,
            long epoch,
            long recorded,
            long durable,
            long committed,
            long applied,
            long checkpoint) {
        positions
                .wrapAndApplyHeader(buffer, 0, messageHeader)
                .resourceKey(resourceKey)
                .link(session)
                .attempt(attempt)
                .epochNumber(epoch)
                .recorded(recorded)
                .durable(durable)
                .committed(committed)
                .applied(applied)
                .checkpoint(checkpoint);
        return send(nowNs, MessageHeaderEncoder.ENCODED_LENGTH + positions.encodedLength());
    }

    /**
     * @return whether the message was taken
     */
    boolean sendCommit(long nowNs, int resourceKey, CommitMessage message) {
        commit.wrapAndApplyHeader(buffer, 0, messageHeader)
                .resourceKey(resourceKey)
                .epochNumber(message.epoch)
                .appended(message.appended)
                .recorded(message.recorded)
                .durable(message.durable)
                .committed(message.committed)
                .applied(message.applied)
                .checkpoint(message.checkpoint)
                .syncTo(message.syncTo)
                .appendedTimeNs(message.appendedTimeNs);
        return send(nowNs, MessageHeaderEncoder.ENCODED_LENGTH + commit.encodedLength());
    }

    private boolean send(long nowNs, int length) {
        if (publication.offer(buffer, 0, length) < 0) {
            return false;
        }
        sentNs = nowNs;
        return true;
    }

    private static long newSession() {
        return ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
    }

    @Override
    public void close() {
        publication.close();
    }
}
