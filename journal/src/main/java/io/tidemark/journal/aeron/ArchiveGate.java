package io.tidemark.journal.aeron;

import io.aeron.archive.codecs.AuthConnectRequestDecoder;
import io.aeron.archive.codecs.MessageHeaderDecoder;
import io.aeron.protocol.DataHeaderFlyweight;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Looks at what arrives at the port of archive control before the driver does. Nothing of a sender
 * gets past it before that has shown a ticket. The archive itself would not do: it answers
 * everybody, numbers its sessions one after the other, and takes a request for any of them from any
 * sender; and it opens a stream to wherever a stranger wants the answer.
 *
 * <p>Data thread only.
 */
final class ArchiveGate {
    private static final System.Logger LOG = System.getLogger(ArchiveGate.class.getName());
    private static final long QUIET_NS = 10_000_000_000L;
    private static final int HEADERS =
            DataHeaderFlyweight.HEADER_LENGTH + MessageHeaderDecoder.ENCODED_LENGTH;

    private final String node;
    private final ArchiveAccess access;
    private final MessageHeaderDecoder messageHeader = new MessageHeaderDecoder();
    private final AuthConnectRequestDecoder request = new AuthConnectRequestDecoder();
    private long dropped;
    private boolean said;
    private long saidNs;

    ArchiveGate(String node, ArchiveAccess access) {
        this.node = node;
        this.access = access;
    }

    /** Whether the driver may see a datagram of data. */
    boolean passes(DataHeaderFlyweight header, UnsafeBuffer packet, int length, Object source) {
        int session = header.sessionId();
        if (access.knows(session)) {
            return true;
        }
        if (length <= HEADERS) {
            // Heartbeats of a stream on which nothing was said yet.
            return false;
        }
        if (header.frameLength() <= length && admitted(session, packet, header.frameLength())) {
            return true;
        }
        say(source);
        return false;
    }

    private boolean admitted(int session, UnsafeBuffer packet, int frameLength) {
        if (frameLength < HEADERS + AuthConnectRequestDecoder.BLOCK_LENGTH) {
            return false;
        }
        messageHeader.wrap(packet, DataHeaderFlyweight.HEADER_LENGTH);
        if (messageHeader.schemaId() != MessageHeaderDecoder.SCHEMA_ID
                || messageHeader.templateId() != AuthConnectRequestDecoder.TEMPLATE_ID) {
            return false;
        }
        try {
            request.wrapAndApplyHeader(packet, DataHeaderFlyweight.HEADER_LENGTH, messageHeader);
            request.skipResponseChannel();
            byte[] ticket = new byte[Math.min(request.encodedCredentialsLength(), 1_024)];
            request.getEncodedCredentials(ticket, 0, ticket.length);
            return access.admit(session, ticket);
        } catch (IndexOutOfBoundsException e) {
            return false;
        }
    }

    private void say(Object source) {
        dropped++;
        long nowNs = System.nanoTime();
        if (said && nowNs - saidNs < QUIET_NS) {
            return;
        }
        said = true;
        saidNs = nowNs;
        LOG.log(
                System.Logger.Level.WARNING,
                "{0}: refused: {1} talks to the archive without a ticket of a peer ({2} datagrams so far): it is no peer of this node, or its secret-file is another one",
                node,
                source,
                Long.toString(dropped));
    }
}
