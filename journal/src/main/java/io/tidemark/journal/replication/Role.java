package io.tidemark.journal.replication;

/** Role of a node for a resource, as told to peers. */
public enum Role {
    REPLICA,
    PRIMARY,
    /** Was primary or is asked to be, and has not settled with its peers yet. */
    CANDIDATE
}
