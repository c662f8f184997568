package io.tidemark.tools.admin;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;

/**
 * A resource on a node.
 *
 * @param name its name
 * @param role {@code primary} or {@code replica}
 * @param state {@code serving}, {@code waiting-for=NODE}, {@code live}, {@code stopped}, ...
 * @param epoch number of the epoch it is in
 * @param positions the node's own
 * @param peers the other nodes
 * @param inSyncSet names of the replicas that replies wait for
 * @param protocol {@code A}, {@code B} or {@code C}
 * @param detail what it waits for or why it is stopped; empty when there is nothing to say
 * @param journal space for its journal
 */
@JsonPropertyOrder({
    "name",
    "role",
    "state",
    "epoch",
    "positions",
    "peers",
    "in_sync_set",
    "protocol",
    "detail",
    "journal"
})
public record ResourceStatus(
        String name,
        String role,
        String state,
        long epoch,
        PositionsStatus positions,
        List<PeerStatus> peers,
        List<String> inSyncSet,
        String protocol,
        String detail,
        JournalStatus journal) {
    @SuppressWarnings(
            "NullAway") // A node of another version may leave a list out: Jackson passes null.
    public ResourceStatus {
        peers = peers == null ? List.of() : List.copyOf(peers);
        inSyncSet = inSyncSet == null ? List.of() : List.copyOf(inSyncSet);
        detail = detail == null ? "" : detail;
        journal = journal == null ? JournalStatus.UNKNOWN : journal;
    }
}
