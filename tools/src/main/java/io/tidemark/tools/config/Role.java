package io.tidemark.tools.config;

/**
 * The role that an operator asks for when starting a node; what it becomes, the node finds out from
 * its peers.
 */
public enum Role {
    PRIMARY,
    REPLICA;

    /** The name as it is written on the command line and in the status. */
    public String label() {
        return switch (this) {
            case PRIMARY -> "primary";
            case REPLICA -> "replica";
        };
    }
}
