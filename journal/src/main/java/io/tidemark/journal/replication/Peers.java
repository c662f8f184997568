package io.tidemark.journal.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The peers of a resource, by index and by identity. Data thread only; look-ups allocate nothing.
 */
final class Peers {
    private final List<Peer> all = new ArrayList<>();

    Peers(List<String> names) {
        for (String name : names) {
            all.add(new Peer(all.size(), name));
        }
    }

    List<Peer> all() {
        return all;
    }

    int size() {
        return all.size();
    }

    Peer get(int index) {
        return all.get(index);
    }

    /** Highest epoch number that any peer, or this node, has ever seen. */
    long highestEpoch(long own) {
        long highest = own;
        for (Peer peer : all) {
            if (peer.hello != null) {
                highest = Math.max(highest, peer.hello.highestEpoch());
            }
        }
        return highest;
    }

    /** Number of the last epoch of those peers that say they reign, 0 if none does. */
    long highestReign() {
        long highest = 0;
        for (Peer peer : all) {
            if (peer.hello != null && peer.hello.role() == Role.PRIMARY) {
                highest = Math.max(highest, peer.hello.epochs().lastNumber());
            }
        }
        return highest;
    }

    /** Index of the peer with this identity, -1 if none has it. */
    int indexOf(UUID node) {
        for (int i = 0; i < all.size(); i++) {
            if (node.equals(all.get(i).node)) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Lowest position that all members have acknowledged; MAX_VALUE without members, 0 if one does
     * not follow.
     */
    long lowest(List<UUID> members, boolean durablePosition) {
        long lowest = Long.MAX_VALUE;
        for (int i = 0; i < members.size(); i++) {
            int index = indexOf(members.get(i));
            if (index < 0 || !all.get(index).following) {
                return 0;
            }
            lowest = Math.min(lowest, all.get(index).acknowledged(durablePosition));
        }
        return lowest;
    }
}
