package io.tidemark.journal.replication;

import io.aeron.Image;
import io.aeron.logbuffer.Header;
import io.tidemark.codec.peer.HelloDecoder;
import io.tidemark.codec.peer.MessageHeaderDecoder;
import io.tidemark.codec.peer.ProofDecoder;
import io.tidemark.journal.aeron.AeronSettings;
import io.tidemark.journal.aeron.ArchiveAccess;
import io.tidemark.journal.secret.Handshake;
import io.tidemark.journal.secret.Proof;
import io.tidemark.journal.secret.Seal;
import java.util.List;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Decides of every message on the control stream whether it is of a peer that has proven the shared
 * secret, runs the handshake with each peer, and says what is wrong with those that are refused:
 * once per ten seconds in the log, and in the status of every resource.
 *
 * <p>Data thread only.
 */
final class LinkProofs {
    private static final System.Logger LOG = System.getLogger(LinkProofs.class.getName());
    private static final long QUIET_NS = 10_000_000_000L;

    private final String node;
    private final List<PeerLink> links;
    private final List<ResourceMessages> resources;
    private final ArchiveAccess archive;
    private final MessageHeaderDecoder messageHeader = new MessageHeaderDecoder();
    private final ProofDecoder proof = new ProofDecoder();
    private final HelloDecoder hello = new HelloDecoder();
    private boolean strangerSeen;
    private long strangerNs;

    LinkProofs(
            String node,
            List<PeerLink> links,
            List<ResourceMessages> resources,
            ArchiveAccess archive) {
        this.node = node;
        this.links = links;
        this.resources = resources;
        this.archive = archive;
    }

    /**
     * @return length of a message that counts, without its seal; -1 if it is dropped
     */
    int admitted(DirectBuffer buffer, int offset, int length, Header header, long nowNs) {
        boolean guarded = false;
        for (int i = 0; i < links.size(); i++) {
            PeerLink link = links.get(i);
            guarded |= link.guard().needsProof();
            if (link.guard().speaks(header.sessionId())) {
                if (link.guard().accepts(buffer, offset, length)) {
                    link.heard(nowNs);
                    return length - Seal.BYTES;
                }
                sayDropped(link, header, nowNs);
                return -1;
            }
        }
        if (!guarded) {
            return length;
        }
        onUnproven(buffer, offset, header, nowNs);
        return -1;
    }

    private static void sayDropped(PeerLink link, Header header, long nowNs) {
        if (!link.guard().young(nowNs) && link.guard().complains(nowNs)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "control messages in the name of {0} were forged, changed or sent again, and dropped: {1} in this session, the last one from {2}",
                    link.peer().name(),
                    Long.toString(link.guard().dropped()),
                    source(header));
        }
    }

    /** Somebody talks as if there were no secret, or goes on in a session that is over here. */
    private void onUnproven(DirectBuffer buffer, int offset, Header header, long nowNs) {
        messageHeader.wrap(buffer, offset);
        if (messageHeader.templateId() != HelloDecoder.TEMPLATE_ID) {
            return;
        }
        hello.wrapAndApplyHeader(buffer, offset, messageHeader);
        String name = PeerCodec.decodeHello(hello).nodeName();
        PeerLink link = byName(name);
        if (link == null) {
            sayStranger(name, header, nowNs);
        } else if (link.guard().overdue(nowNs)) {
            refuse(
                    link,
                    name
                            + " ("
                            + source(header)
                            + ") does not prove the shared secret that this node has: set the same secret-file on both",
                    nowNs);
        }
    }

    /** A step of the handshake. */
    void onProof(DirectBuffer buffer, int offset, Header header, long nowNs) {
        messageHeader.wrap(buffer, offset);
        proof.wrapAndApplyHeader(buffer, offset, messageHeader);
        if (proof.protocolVersion() != Hello.PROTOCOL_VERSION) {
            return;
        }
        Proof heard = ProofCodec.decode(proof);
        PeerLink link = byName(heard.from());
        if (link == null || !heard.to().equals(node)) {
            sayStranger(heard.from() + " (to " + heard.to() + ")", header, nowNs);
            return;
        }
        if (!link.guard().needsProof()) {
            if (link.remote() == 0) {
                refuse(
                        link,
                        heard.from()
                                + " ("
                                + source(header)
                                + ") asks for a shared secret and this node has none: set the same secret-file on both",
                        nowNs);
            }
            return;
        }
        Handshake.Outcome outcome = link.guard().on(heard, header.sessionId(), nowNs);
        if (outcome == Handshake.Outcome.REFUSED && !link.guard().open()) {
            refuse(
                    link,
                    heard.from()
                            + " ("
                            + source(header)
                            + ") has another shared secret than this node: set the same secret-file on both",
                    nowNs);
        } else if (outcome == Handshake.Outcome.BEGUN) {
            begun(link, nowNs);
        }
        Proof answer = link.guard().answer();
        if (answer != null) {
            link.sendProof(answer);
        }
    }

    private void begun(PeerLink link, long nowNs) {
        link.heard(nowNs);
        archive.let(
                AeronSettings.archiveControlChannel(link.peer().address(), link.peer().port()),
                link.guard().archiveSeal(),
                link.guard().archiveCheck());
        if (link.guard().refused()) {
            link.guard().refused(false);
            LOG.log(
                    System.Logger.Level.INFO,
                    "{0} has proven the shared secret",
                    link.peer().name());
            for (ResourceMessages resource : resources) {
                resource.onPeerLost(link.index());
            }
        }
    }

    private void refuse(PeerLink link, String text, long nowNs) {
        link.guard().refused(true);
        Refusal refusal = new Refusal(Refusal.Code.NOT_PROVEN, text);
        for (ResourceMessages resource : resources) {
            resource.onRefusal(link.index(), refusal);
        }
        if (link.guard().complains(nowNs)) {
            LOG.log(System.Logger.Level.WARNING, "refused: {0}", text);
        }
    }

    private void sayStranger(String name, Header header, long nowNs) {
        if (!strangerSeen || nowNs - strangerNs > QUIET_NS) {
            strangerSeen = true;
            strangerNs = nowNs;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "refused: {0} ({1}) is not a peer by this node''s configuration",
                    name,
                    source(header));
        }
    }

    private @Nullable PeerLink byName(String name) {
        for (PeerLink link : links) {
            if (link.peer().name().equals(name)) {
                return link;
            }
        }
        return null;
    }

    private static String source(Header header) {
        return header.context() instanceof Image image
                ? image.sourceIdentity()
                : "session " + header.sessionId();
    }
}
