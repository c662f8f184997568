package io.tidemark.journal.apply;

import io.tidemark.journal.partition.Partition;

/** A volume's number and what it is projected onto. */
public record VolumePartition(int volume, Partition partition) {}
