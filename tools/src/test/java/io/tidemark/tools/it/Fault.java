package io.tidemark.tools.it;

import java.time.Duration;

/** What may go wrong with two nodes, and how an operator or a supervisor answers. */
enum Fault {
    PRIMARY_KILLED,
    REPLICA_KILLED,
    BOTH_KILLED,
    REPLICA_LOST_THEN_PRIMARY_KILLED,
    PRIMARY_KILLED_REPLICA_PROMOTED,
    PRIMARY_FROZEN_REPLICA_PROMOTED,
    PRIMARY_KILLED_AGAIN_AND_AGAIN,
    REPLICA_KILLED_AGAIN_AND_AGAIN,
    REPLICA_PAUSED,
    REPLICA_FROZEN,
    PRIMARY_PAUSED,
    PRIMARY_FROZEN,
    PRIMARY_FROZEN_CLIENTS_GONE,
    BOTH_FROZEN_REPLICA_KILLED,
    PRIMARY_STOPPED,
    REPLICA_STOPPED,
    BOTH_STOPPED;

    /** Shorter than the peer timeout. */
    static final Duration PAUSE = Duration.ofMillis(500);

    /** Longer than the peer timeout, and than it takes to lose sight of a peer. */
    static final Duration FREEZE = Duration.ofMillis(4_500);

    /** Whether the other node is the primary afterwards. */
    boolean changesPrimary() {
        return this == PRIMARY_KILLED_REPLICA_PROMOTED || this == PRIMARY_FROZEN_REPLICA_PROMOTED;
    }

    /** Whether all writers must get over it without losing their connections. */
    boolean keepsConnections() {
        return switch (this) {
            case REPLICA_KILLED,
                    REPLICA_KILLED_AGAIN_AND_AGAIN,
                    REPLICA_PAUSED,
                    REPLICA_FROZEN,
                    PRIMARY_PAUSED,
                    PRIMARY_FROZEN,
                    BOTH_FROZEN_REPLICA_KILLED,
                    REPLICA_STOPPED ->
                    true;
            case PRIMARY_KILLED,
                    BOTH_KILLED,
                    REPLICA_LOST_THEN_PRIMARY_KILLED,
                    PRIMARY_KILLED_REPLICA_PROMOTED,
                    PRIMARY_FROZEN_REPLICA_PROMOTED,
                    PRIMARY_KILLED_AGAIN_AND_AGAIN,
                    PRIMARY_FROZEN_CLIENTS_GONE,
                    PRIMARY_STOPPED,
                    BOTH_STOPPED ->
                    false;
        };
    }
}
