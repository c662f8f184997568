package io.tidemark.tools.config;

import java.nio.file.Path;
import java.util.Map;

/**
 * One {@code [resources.NAME.volumes.NUMBER]}.
 *
 * @param number 0 to 65535, unique in its resource
 * @param sizeBytes a multiple of {@link #BLOCK_BYTES}
 * @param partitions absolute path of the partition by node name, for every node of the file
 */
public record VolumeSettings(int number, long sizeBytes, Map<String, Path> partitions) {
    /** Granularity of volume sizes in bytes. */
    public static final int BLOCK_BYTES = 4096;

    public VolumeSettings {
        partitions = Map.copyOf(partitions);
    }

    /** The partition on a node of the file this comes from. */
    public Path partition(final String node) {
        final Path path = partitions.get(node);
        if (path == null) {
            throw new IllegalArgumentException("no node " + node);
        }
        return path;
    }
}
