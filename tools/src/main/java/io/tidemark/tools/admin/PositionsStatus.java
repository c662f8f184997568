package io.tidemark.tools.admin;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * How far a node has come in a resource's log, in bytes; each at least the next. A peer's appended
 * is as it last told.
 *
 * @param appended end of what the primary has put in the log
 * @param recorded end of what the node's journal holds
 * @param durable end of what the node's journal has on stable storage
 * @param committed what no node will ever drop
 * @param applied end of what the node's partition reflects
 * @param checkpoint applied position that is durable in the partition
 */
@JsonPropertyOrder({"appended", "recorded", "durable", "committed", "applied", "checkpoint"})
public record PositionsStatus(
        long appended,
        long recorded,
        long durable,
        long committed,
        long applied,
        long checkpoint) {}
