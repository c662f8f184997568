package io.tidemark.journal.replication;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.FragmentAssembler;
import io.aeron.Subscription;
import io.aeron.exceptions.RegistrationException;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import io.tidemark.codec.peer.CommitDecoder;
import io.tidemark.codec.peer.FollowDecoder;
import io.tidemark.codec.peer.HeartbeatDecoder;
import io.tidemark.codec.peer.HelloDecoder;
import io.tidemark.codec.peer.LeaveDecoder;
import io.tidemark.codec.peer.MessageHeaderDecoder;
import io.tidemark.codec.peer.PositionsDecoder;
import io.tidemark.codec.peer.ProofDecoder;
import io.tidemark.codec.peer.RangeDataDecoder;
import io.tidemark.codec.peer.RangeRefusalDecoder;
import io.tidemark.codec.peer.RangeRequestDecoder;
import io.tidemark.codec.peer.RefusalDecoder;
import io.tidemark.journal.aeron.AeronSettings;
import io.tidemark.journal.aeron.AeronStack;
import io.tidemark.journal.secret.Handshake;
import io.tidemark.journal.secret.Nonce;
import io.tidemark.journal.secret.SharedSecret;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The control stream of a node: one subscription that all peers publish to, one {@link PeerLink}
 * per peer, and the dispatch of messages to resources. Anything malformed, unknown or of an old
 * session is dropped.
 *
 * <p>Data thread only. The short messages (positions, commit, heartbeat) are handled without
 * allocation.
 */
public final class PeerLinks implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PeerLinks.class.getName());
    private static final int FRAGMENTS_PER_POLL = 64;

    private final List<PeerLink> links = new ArrayList<>();
    private final List<ResourceMessages> resources = new ArrayList<>();
    private final Subscription subscription;
    private final FragmentHandler handler = new FragmentAssembler(this::onFragment);
    private final MessageHeaderDecoder messageHeader = new MessageHeaderDecoder();
    private final HelloDecoder hello = new HelloDecoder();
    private final FollowDecoder follow = new FollowDecoder();
    private final PositionsDecoder positions = new PositionsDecoder();
    private final CommitDecoder commit = new CommitDecoder();
    private final RefusalDecoder refusal = new RefusalDecoder();
    private final LeaveDecoder leave = new LeaveDecoder();
    private final RangeRequestDecoder rangeRequest = new RangeRequestDecoder();
    private final RangeDataDecoder rangeData = new RangeDataDecoder();
    private final RangeRefusalDecoder rangeRefusal = new RangeRefusalDecoder();
    private final HeartbeatDecoder heartbeat = new HeartbeatDecoder();
    private final LinkProofs proofs;
    private long nowNs;

    /**
     * @param secret what peers have to prove that they know, null to listen to everybody
     */
    public PeerLinks(AeronStack stack, List<PeerAddress> peers, @Nullable SharedSecret secret) {
        Aeron aeron = stack.aeron();
        AeronSettings settings = stack.settings();
        proofs = new LinkProofs(settings.node(), links, resources, stack.access());
        try {
            subscription =
                    aeron.addSubscription(settings.peerChannel(), AeronSettings.PEER_STREAM_ID);
        } catch (RegistrationException e) {
            throw AeronStack.explained(settings, e);
        }
        for (PeerAddress peer : peers) {
            ExclusivePublication publication =
                    aeron.addExclusivePublication(
                            "aeron:udp?endpoint="
                                    + peer.address()
                                    + ":"
                                    + peer.port()
                                    + "|term-length=1m|mtu=1408",
                            AeronSettings.PEER_STREAM_ID);
            LinkGuard guard = new LinkGuard(handshake(secret, settings.node(), peer));
            links.add(new PeerLink(links.size(), peer, publication, guard));
        }
    }

    private static @Nullable Handshake handshake(
            @Nullable SharedSecret secret, String node, PeerAddress peer) {
        SecureRandom random = new SecureRandom();
        return secret == null
                ? null
                : new Handshake(
                        secret,
                        node,
                        peer.name(),
                        () -> new Nonce(random.nextLong(), random.nextLong()));
    }

    void add(ResourceMessages resource) {
        resources.add(resource);
    }

    /** Number of peers. */
    int size() {
        return links.size();
    }

    PeerLink link(int peer) {
        return links.get(peer);
    }

    /** One duty cycle: reads what peers sent, keeps links alive. */
    public int doWork(long dutyNowNs) {
        nowNs = dutyNowNs;
        int work = subscription.poll(handler, FRAGMENTS_PER_POLL);
        for (int i = 0; i < links.size(); i++) {
            PeerLink link = links.get(i);
            if (link.lost(nowNs)) {
                link.renew(nowNs);
                for (ResourceMessages resource : resources) {
                    resource.onPeerLost(i);
                }
            }
            work += link.keepAlive(nowNs, resources);
        }
        return work;
    }

    private void onFragment(DirectBuffer buffer, int offset, int received, Header header) {
        if (!wellFormed(buffer, offset, received)) {
            return;
        }
        if (messageHeader.templateId() == ProofDecoder.TEMPLATE_ID) {
            onRareMessage(buffer, offset, received, header);
            return;
        }
        int length = admitted(buffer, offset, received, header);
        if (length < MessageHeaderDecoder.ENCODED_LENGTH + messageHeader.blockLength()) {
            return;
        }
        switch (messageHeader.templateId()) {
            case PositionsDecoder.TEMPLATE_ID -> onPositions(buffer, offset);
            case CommitDecoder.TEMPLATE_ID -> onCommit(buffer, offset, header.sessionId());
            case HeartbeatDecoder.TEMPLATE_ID -> onHeartbeat(buffer, offset);
            case LeaveDecoder.TEMPLATE_ID -> onLeave(buffer, offset);
            case HelloDecoder.TEMPLATE_ID,
                    FollowDecoder.TEMPLATE_ID,
                    RefusalDecoder.TEMPLATE_ID,
                    RangeRequestDecoder.TEMPLATE_ID,
                    RangeDataDecoder.TEMPLATE_ID,
                    RangeRefusalDecoder.TEMPLATE_ID ->
                    onRareMessage(buffer, offset, length, header);
            default -> {}
        }
    }

    private boolean wellFormed(DirectBuffer buffer, int offset, int length) {
        if (length < MessageHeaderDecoder.ENCODED_LENGTH) {
            return false;
        }
        messageHeader.wrap(buffer, offset);
        return messageHeader.schemaId() == MessageHeaderDecoder.SCHEMA_ID
                && MessageHeaderDecoder.ENCODED_LENGTH + messageHeader.blockLength() <= length;
    }

    private int admitted(DirectBuffer buffer, int offset, int length, Header header) {
        try {
            return proofs.admitted(buffer, offset, length, header, nowNs);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            // From somebody who has proven nothing, and so not worth a line each.
            return -1;
        }
    }

    private void onRareMessage(DirectBuffer buffer, int offset, int length, Header header) {
        int sessionId = header.sessionId();
        try {
            switch (messageHeader.templateId()) {
                case ProofDecoder.TEMPLATE_ID -> proofs.onProof(buffer, offset, header, nowNs);
                case HelloDecoder.TEMPLATE_ID -> onHello(buffer, offset, sessionId);
                case FollowDecoder.TEMPLATE_ID -> onFollow(buffer, offset, sessionId);
                case RangeRequestDecoder.TEMPLATE_ID -> onRangeRequest(buffer, offset);
                case RangeDataDecoder.TEMPLATE_ID -> onRangeData(buffer, offset, length);
                case RangeRefusalDecoder.TEMPLATE_ID -> onRangeRefusal(buffer, offset);
                default -> onRefusal(buffer, offset, sessionId);
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a malformed control message was dropped: {0}",
                    e.getMessage());
        }
    }

    private void onHello(DirectBuffer buffer, int offset, int sessionId) {
        hello.wrapAndApplyHeader(buffer, offset, messageHeader);
        if (hello.protocolVersion() != Hello.PROTOCOL_VERSION) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a peer speaks control protocol {0}, this node {1}: run the same version on both",
                    hello.protocolVersion(),
                    Hello.PROTOCOL_VERSION);
            return;
        }
        int key = hello.resourceKey();
        Hello decoded = PeerCodec.decodeHello(hello);
        for (PeerLink link : links) {
            if (link.peer().name().equals(decoded.nodeName())) {
                link.heardHello(decoded, sessionId, nowNs);
                for (ResourceMessages resource : resources) {
                    if (resource.resourceKey() == key) {
                        if (decoded.echo() != link.session()) {
                            link.answer(resource);
                        }
                        resource.onHello(link.index(), decoded);
                    }
                }
            }
        }
    }

    private void onFollow(DirectBuffer buffer, int offset, int sessionId) {
        follow.wrapAndApplyHeader(buffer, offset, messageHeader);
        PeerLink link = bySession(sessionId);
        ResourceMessages resource = resource(follow.resourceKey());
        if (link != null && resource != null) {
            link.heard(nowNs);
            resource.onFollow(
                    link.index(),
                    follow.attempt(),
                    follow.epochNumber(),
                    follow.recordingId(),
                    follow.common(),
                    PeerCodec.decodeFollowEpochs(follow, messageHeader.version()));
        }
    }

    private void onRefusal(DirectBuffer buffer, int offset, int sessionId) {
        refusal.wrapAndApplyHeader(buffer, offset, messageHeader);
        PeerLink link = bySession(sessionId);
        ResourceMessages resource = resource(refusal.resourceKey());
        if (link != null && resource != null && refusal.link() == link.session()) {
            Refusal.Code code = Refusal.Code.valueOf(refusal.code().name());
            resource.onRefusal(link.index(), new Refusal(code, refusal.text()));
        }
    }

    /** From a node that may not have said Hello: it cannot before its log is whole. */
    private void onRangeRequest(DirectBuffer buffer, int offset) {
        rangeRequest.wrapAndApplyHeader(buffer, offset, messageHeader);
        ResourceMessages resource = resource(rangeRequest.resourceKey());
        RangeRequest request = RangeCodec.decodeRequest(rangeRequest);
        String name = rangeRequest.nodeName();
        for (PeerLink link : links) {
            if (resource != null && link.peer().name().equals(name)) {
                resource.onRangeRequest(link.index(), request);
            }
        }
    }

    private void onRangeData(DirectBuffer buffer, int offset, int length) {
        rangeData.wrapAndApplyHeader(buffer, offset, messageHeader);
        ResourceMessages resource = resource(rangeData.resourceKey());
        PeerLink link = byOwnSession(rangeData.link());
        int bytes = rangeData.framesLength();
        int start = rangeData.limit() + RangeDataDecoder.framesHeaderLength();
        if (link != null && resource != null && bytes >= 0 && bytes <= offset + length - start) {
            resource.onRangeData(
                    link.index(), rangeData.request(), rangeData.from(), buffer, start, bytes);
        }
    }

    private void onRangeRefusal(DirectBuffer buffer, int offset) {
        rangeRefusal.wrapAndApplyHeader(buffer, offset, messageHeader);
        ResourceMessages resource = resource(rangeRefusal.resourceKey());
        PeerLink link = byOwnSession(rangeRefusal.link());
        if (link != null && resource != null) {
            resource.onRangeRefusal(link.index(), rangeRefusal.request(), rangeRefusal.text());
        }
    }

    private void onPositions(DirectBuffer buffer, int offset) {
        positions.wrapAndApplyHeader(buffer, offset, messageHeader);
        ResourceMessages resource = resource(positions.resourceKey());
        PeerLink link = byRemote(positions.link());
        if (link != null && resource != null) {
            link.heardAcknowledgement(nowNs);
            resource.onPositions(
                    link.index(),
                    positions.attempt(),
                    positions.epochNumber(),
                    positions.recorded(),
                    positions.durable(),
                    positions.committed(),
                    positions.applied(),
                    positions.checkpoint());
        }
    }

    private void onCommit(DirectBuffer buffer, int offset, int sessionId) {
        commit.wrapAndApplyHeader(buffer, offset, messageHeader);
        ResourceMessages resource = resource(commit.resourceKey());
        PeerLink link = bySession(sessionId);
        if (link != null && resource != null) {
            link.heard(nowNs);
            resource.onCommit(
                    link.index(),
                    commit.epochNumber(),
                    commit.committed(),
                    commit.appended(),
                    commit.syncTo(),
                    commit.appendedTimeNs());
        }
    }

    private void onLeave(DirectBuffer buffer, int offset) {
        leave.wrapAndApplyHeader(buffer, offset, messageHeader);
        ResourceMessages resource = resource(leave.resourceKey());
        PeerLink link = byRemote(leave.link());
        if (link != null && resource != null) {
            resource.onLeave(link.index());
        }
    }

    private void onHeartbeat(DirectBuffer buffer, int offset) {
        heartbeat.wrapAndApplyHeader(buffer, offset, messageHeader);
        PeerLink link = byRemote(heartbeat.link());
        if (link != null) {
            link.heard(nowNs);
        }
    }

    private @Nullable ResourceMessages resource(int key) {
        for (int i = 0; i < resources.size(); i++) {
            if (resources.get(i).resourceKey() == key) {
                return resources.get(i);
            }
        }
        return null;
    }

    private @Nullable PeerLink byRemote(long remote) {
        for (int i = 0; i < links.size(); i++) {
            if (links.get(i).remote() == remote) {
                return links.get(i);
            }
        }
        return null;
    }

    private @Nullable PeerLink byOwnSession(long session) {
        for (int i = 0; i < links.size(); i++) {
            if (links.get(i).session() == session) {
                return links.get(i);
            }
        }
        return null;
    }

    private @Nullable PeerLink bySession(int sessionId) {
        for (int i = 0; i < links.size(); i++) {
            if (links.get(i).remote() != 0 && links.get(i).aeronSession() == sessionId) {
                return links.get(i);
            }
        }
        return null;
    }

    @Override
    public void close() {
        subscription.close();
        for (PeerLink link : links) {
            link.close();
        }
    }
}
