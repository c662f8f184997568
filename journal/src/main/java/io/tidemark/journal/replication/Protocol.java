package io.tidemark.journal.replication;

/**
 * What a reply means (I4). {@code B} asks for what a replica has received, which cannot be seen
 * from outside its archive, so plain writes wait as under {@code C}; its FLUSH waits for durability
 * here only.
 */
public enum Protocol {
    /** Replies wait for this node alone. */
    A,
    /** Replies wait for replicas' recorded positions, flushes for durability here. */
    B,
    /** Replies wait for replicas' recorded, flushes for replicas' durable positions. */
    C
}
