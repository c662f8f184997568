package io.tidemark.journal.replication;

import io.aeron.ExclusivePublication;
import io.tidemark.codec.peer.CommitEncoder;
import io.tidemark.codec.peer.HeartbeatEncoder;
import io.tidemark.codec.peer.LeaveEncoder;
import io.tidemark.codec.peer.MessageHeaderEncoder;
import io.tidemark.codec.peer.PositionsEncoder;
import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.secret.Proof;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.ExpandableDirectByteBuffer;
import org.agrona.MutableDirectBuffer;
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
    private final LinkGuard guard;
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

    PeerLink(int index, PeerAddress peer, ExclusivePublication publication, LinkGuard guard) {
        this.index = index;
        this.peer = peer;
        this.publication = publication;
        this.guard = guard;
    }

    int index() {
        return index;
    }

    PeerAddress peer() {
        return peer;
    }

    /** What the peer has to prove. */
    LinkGuard guard() {
        return guard;
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
        guard.renew(nowNs);
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
        Proof proof = guard.due(nowNs);
        if (proof != null) {
            sendProof(proof);
            work++;
        }
        if (!guard.open()) {
            return work;
        }
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
                if (!offer(rare, length)) {
                    return work;
                }
            }
            unanswered.removeLast();
            sentNs = nowNs;
            work++;
        }
        if ((remote != 0 || guard.proven()) && nowNs - sentNs > HEARTBEAT_NS) {
            heartbeat.wrapAndApplyHeader(buffer, 0, messageHeader).link(session).timeNs(nowNs);
            send(nowNs, MessageHeaderEncoder.ENCODED_LENGTH + heartbeat.encodedLength());
            work++;
        }
        return work;
    }

    /** The only message that goes out before the peer has proven itself. */
    void sendProof(Proof proof) {
        publication.offer(rare, 0, ProofCodec.encode(rare, proof));
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
        offer(rare, length);
    }

    void sendRefusal(int resourceKey, Refusal refusal) {
        offer(rare, PeerCodec.encodeRefusal(rare, resourceKey, remote, refusal));
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
        return offer(rare, length);
    }

    /**
     * @return whether the message was taken; it is long, so that the term may have no room for it
     */
    boolean sendRangeData(int resourceKey, RangeRequest request, ByteBuffer frames, int length) {
        int bytes = RangeCodec.encodeData(rare, resourceKey, request, frames, length);
        return offer(rare, bytes);
    }

    void sendRangeRefusal(int resourceKey, RangeRequest request, String text) {
        offer(rare, RangeCodec.encodeRefusal(rare, resourceKey, request, text));
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
        if (!offer(buffer, length)) {
            return false;
        }
        sentNs = nowNs;
        return true;
    }

    private boolean offer(MutableDirectBuffer message, int length) {
        return guard.open() && publication.offer(message, 0, guard.seal(message, length)) > 0;
    }

    private static long newSession() {
        return ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
    }

    @Override
    public void close() {
        publication.close();
    }
}
