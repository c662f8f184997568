package io.tidemark.journal.replication;

/**
 * The primary's tide mark as sent to replicas; one reused instance per resource. Positions in
 * bytes.
 */
final class CommitMessage {
    long epoch;
    long appended;
    long recorded;
    long durable;
    long committed;
    long applied;
    long checkpoint;
    long syncTo;
    long appendedTimeNs;
}
