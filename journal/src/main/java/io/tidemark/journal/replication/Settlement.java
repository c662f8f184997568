package io.tidemark.journal.replication;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The decision of a candidate: may it open an epoch, must it follow or fetch first, or does it
 * wait, and for whom (DESIGN section 5, "who may become primary"). A pure function of what was
 * heard.
 */
sealed interface Settlement {
    /** Opens an epoch with these members in its set. */
    record Open(List<UUID> inSync) implements Settlement {}

    /** Another node reigns or has reigned later: be its replica. */
    record YieldTo(String peer) implements Settlement {}

    /** A peer has more of the same epoch. */
    record Fetch(int peer) implements Settlement {}

    record WaitFor(String who) implements Settlement {}

    /**
     * Decides on histories, not on numbers: a number that was only seen says nothing of who
     * reigned.
     *
     * @param waitedNs since the candidate began to ask
     * @param fetchedTo per peer, up to which end of its log this node has fetched
     */
    static Settlement decide(
            ReplicationSettings settings,
            Standing own,
            List<Peer> peers,
            long waitedNs,
            long[] fetchedTo) {
        @Nullable UUID entitled = entitled(own);
        String unheard = "";
        for (Peer peer : peers) {
            Hello hello = peer.hello;
            if (hello == null) {
                unheard = peer.name();
                continue;
            }
            long theirs = hello.epochs().lastNumber();
            if ((heldFor(settings.nodeId(), own, hello)
                            || bequeathed(hello, settings.nodeId(), own))
                    && fetchedTo[peer.index()] < hello.logEnd()) {
                return new Fetch(peer.index());
            }
            if (inherits(settings.nodeId(), own) && speaksOf(hello, own)) {
                if (waitedNs < settings.heirWaitNs()) {
                    return new WaitFor(peer.name());
                }
                continue;
            }
            if (theirs > own.epochs().lastNumber()
                    || (hello.role() == Role.PRIMARY && theirs >= own.epochs().lastNumber())) {
                return new YieldTo(peer.name());
            }
            if (entitled == null
                    && hello.role() == Role.CANDIDATE
                    && hello.nodeName().compareTo(settings.node()) < 0) {
                return new WaitFor(peer.name());
            }
            if (longer(own, hello) && fetchedTo[peer.index()] < hello.logEnd()) {
                return new Fetch(peer.index());
            }
        }
        if (entitled != null && !entitled.equals(settings.nodeId())) {
            return new WaitFor(nameOf(entitled, peers));
        }
        boolean heir = settings.nodeId().equals(own.heir());
        for (UUID member : own.inSync()) {
            if (!heir && !heard(member, peers)) {
                return new WaitFor(nameOf(member, peers));
            }
        }
        if (!unheard.isEmpty()
                && waitedNs < (heir ? settings.heirWaitNs() : settings.peerWaitNs())) {
            return new WaitFor(unheard);
        }
        return new Open(own.inSync().stream().filter(m -> heard(m, peers)).toList());
    }

    /**
     * Who may open the next epoch without force: the heir, else the last primary; null if there was
     * no epoch.
     */
    static @Nullable UUID entitled(Standing own) {
        var last = own.epochs().last();
        return own.heir() != null ? own.heir() : last == null ? null : last.node();
    }

    /**
     * Whether this node may open the next epoch without force: by itself, or because the one that
     * may is there and hands over.
     */
    static boolean mayOpen(UUID node, Standing own, List<Peer> peers) {
        UUID entitled = entitled(own);
        return entitled == null
                || entitled.equals(node)
                || peers.stream()
                        .anyMatch(
                                p ->
                                        p.hello != null
                                                && p.hello.node().equals(entitled)
                                                && sameEpoch(own, p.hello)
                                                && p.hello.role() == Role.REPLICA);
    }

    /**
     * Whether the log ends with an epoch that another node ended for this one to reign next, once:
     * a later epoch that was seen since, and given up, was that.
     */
    static boolean inherits(UUID node, Standing own) {
        var last = own.epochs().last();
        return node.equals(own.heir())
                && last != null
                && !last.node().equals(node)
                && own.highestEpoch() <= last.number();
    }

    /**
     * Whether a waiting node that is entitled to the next epoch opens it for a candidate that is
     * not, to hand over at once: so the two can never both open it.
     */
    static boolean handsOverTo(Hello candidate, UUID self, Standing own) {
        return candidate.role() == Role.CANDIDATE
                && self.equals(entitled(own))
                && sameEpoch(own, candidate);
    }

    /** The end of the epoch is durable here, so what the peer says of its reign is old. */
    private static boolean speaksOf(Hello hello, Standing own) {
        return hello.role() == Role.PRIMARY && sameEpoch(own, hello);
    }

    private static boolean sameEpoch(Standing own, Hello hello) {
        var last = own.epochs().last();
        return last != null && last.equals(hello.epochs().last());
    }

    /** The same epoch goes on further in the peer's log: it holds what this node lost. */
    private static boolean longer(Standing own, Hello hello) {
        return sameEpoch(own, hello) && hello.logEnd() > own.logEnd();
    }

    /**
     * A replica holds this node's own last epoch, of which this node has lost even the start: to
     * yield to it would leave both waiting for the other.
     */
    private static boolean heldFor(UUID self, Standing own, Hello hello) {
        var last = hello.epochs().last();
        return last != null
                && hello.role() == Role.REPLICA
                && last.number() > own.epochs().lastNumber()
                && last.node().equals(self)
                && continues(hello, own);
    }

    /**
     * Another node has ended its epoch for this one to reign next, which was in sync then and has
     * lost the end of the log since: nobody else will open an epoch.
     */
    static boolean bequeathed(Hello hello, UUID self, Standing own) {
        return self.equals(hello.heir())
                && hello.role() != Role.PRIMARY
                && hello.logEnd() > own.logEnd()
                && continues(hello, own);
    }

    private static boolean continues(Hello hello, Standing own) {
        return own.epochs().common(own.logEnd(), hello.epochs(), hello.logEnd()) == own.logEnd();
    }

    private static boolean heard(UUID member, List<Peer> peers) {
        return peers.stream().anyMatch(p -> p.hello != null && member.equals(p.hello.node()));
    }

    private static String nameOf(UUID member, List<Peer> peers) {
        @Nullable String name = null;
        for (Peer peer : peers) {
            if (member.equals(peer.node) || (name == null && peer.node == null)) {
                name = peer.name();
            }
        }
        return name == null ? member.toString() : name;
    }
}
