package io.tidemark.tools.admin;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * A peer as a node sees it.
 *
 * @param node its name
 * @param state {@code live}, {@code catch-up}, {@code connecting}, ...
 * @param inSync whether replies wait for it
 * @param positions as it last told
 * @param lagBytes distance of its recorded position to the primary's appended, in bytes
 * @param lagSeconds age of the oldest entry it has not recorded, in seconds
 * @param detail why it is refused or stopped, empty if it is not
 */
@JsonPropertyOrder({"node", "state", "in_sync", "positions", "lag_bytes", "lag_seconds", "detail"})
public record PeerStatus(
        String node,
        String state,
        boolean inSync,
        PositionsStatus positions,
        long lagBytes,
        double lagSeconds,
        String detail) {}
