package io.tidemark.tools.node;

import io.tidemark.journal.replication.Peer;
import io.tidemark.journal.replication.Phase;
import io.tidemark.journal.replication.ReplicationState;
import io.tidemark.tools.admin.AdminException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Asks a primary to give its reign up, to a replica or to nobody. What cannot be is refused before
 * anything changes.
 */
final class Demotion {
    private Demotion() {}

    /**
     * Data thread.
     *
     * @param to name of the node that is to reign next, null for nobody
     * @param dryRun only look whether it is possible
     * @return number of the epoch that ends
     */
    static long ask(ResourceNode resource, @Nullable String to, boolean dryRun)
            throws AdminException {
        ReplicationState state = resource.agent().state();
        String name = resource.settings().name();
        if (state.phase() != Phase.SERVING) {
            throw new AdminException(
                    name
                            + " is not served by this node ("
                            + resource.stateText()
                            + "). "
                            + where(state));
        }
        UUID heir = to == null ? resource.agent().config().replication().nodeId() : heir(state, to);
        if (!dryRun) {
            state.demote(heir);
        }
        return state.epoch();
    }

    private static UUID heir(ReplicationState state, String to) throws AdminException {
        Peer peer =
                state.peers().stream()
                        .filter(p -> p.name().equals(to))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new AdminException(
                                                "'"
                                                        + to
                                                        + "' is none of this node's peers "
                                                        + names(state)));
        UUID node = peer.node();
        boolean inSync = node != null && state.reign().effectiveInSync().contains(node);
        if (node == null || !inSync || peer.state() != Peer.State.LIVE) {
            throw new AdminException(
                    to
                            + " is "
                            + peer.state().text()
                            + (inSync ? "" : ", not in sync")
                            + (peer.detail().isEmpty() ? "" : " (" + peer.detail() + ")")
                            + ". Wait until the status shows it live and in sync");
        }
        return node;
    }

    private static String where(ReplicationState state) {
        int followed = state.followed();
        return followed < 0
                ? "Its status says what it waits for"
                : "Its primary is "
                        + state.peers().get(followed).name()
                        + ": ask there, with --node "
                        + state.peers().get(followed).name();
    }

    private static List<String> names(ReplicationState state) {
        return state.peers().stream().map(Peer::name).toList();
    }
}
