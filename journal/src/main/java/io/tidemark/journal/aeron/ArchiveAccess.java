package io.tidemark.journal.aeron;

import io.tidemark.journal.secret.Seal;
import io.tidemark.journal.secret.SealCheck;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Who may talk to the archive over the network. With a shared secret: a peer that has proven itself
 * on its link, by a ticket that is good once and for that session of the link only, so that nothing
 * has to be asked back and nothing that was recorded can be used again. Without one: everybody.
 *
 * <p>Data thread only.
 */
public final class ArchiveAccess {
    /** Sessions and tickets remembered at most; a node has a few per peer and resource. */
    private static final int MOST = 4_096;

    private record Peer(Seal seal, SealCheck check) {}

    private final boolean guarded;
    private final Map<String, Peer> peers = new HashMap<>();
    private final Set<Integer> sessions = new LinkedHashSet<>();
    private final Set<String> tickets = new LinkedHashSet<>();

    private ArchiveAccess(boolean guarded) {
        this.guarded = guarded;
    }

    /** Everybody may follow this node's logs. */
    public static ArchiveAccess open() {
        return new ArchiveAccess(false);
    }

    /** Nobody may, until somebody is let in. */
    public static ArchiveAccess guarded() {
        return new ArchiveAccess(true);
    }

    /** Whether peers need a ticket. */
    boolean needsTicket() {
        return guarded;
    }

    /**
     * A session of the link to a peer has begun; tickets of its last one are void.
     *
     * @param channel where the peer's archive is asked
     */
    public void let(String channel, Seal own, SealCheck of) {
        peers.put(channel, new Peer(own, of));
    }

    /** What the archive at a channel is shown, empty if it asks for nothing. */
    byte[] ticket(String channel) {
        Peer peer = peers.get(channel);
        if (peer == null) {
            return new byte[0];
        }
        byte[] ticket = new byte[Seal.BYTES];
        peer.seal().seal(new UnsafeBuffer(ticket), 0);
        return ticket;
    }

    /** Whether an Aeron session may send anything. */
    boolean knows(int session) {
        return !guarded || sessions.contains(session);
    }

    /**
     * Lets an Aeron session in that shows a good ticket.
     *
     * @return whether it did
     */
    boolean admit(int session, byte[] ticket) {
        UnsafeBuffer shown = new UnsafeBuffer(ticket);
        for (Peer peer : peers.values()) {
            if (ticket.length == Seal.BYTES && peer.check().accepts(shown, 0, ticket.length)) {
                add(sessions, session);
                add(tickets, HexFormat.of().formatHex(ticket));
                return true;
            }
        }
        return false;
    }

    /** Whether a ticket has just been admitted; the archive asks once. */
    boolean admitted(byte[] ticket) {
        return !guarded || tickets.remove(HexFormat.of().formatHex(ticket));
    }

    private static <T> void add(Set<T> set, T value) {
        set.add(value);
        if (set.size() > MOST) {
            set.remove(set.iterator().next());
        }
    }
}
