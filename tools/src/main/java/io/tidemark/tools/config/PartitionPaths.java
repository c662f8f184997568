package io.tidemark.tools.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the partitions of volumes and remembers them over the whole file: two volumes on one
 * partition would overwrite each other, and the lock that guards a partition would say so only when
 * the second one starts.
 */
final class PartitionPaths {
    private record Use(NodeSettings node, Path path, String table) {}

    private final List<NodeSettings> nodes;
    private final List<Use> uses = new ArrayList<>();

    PartitionPaths(final List<NodeSettings> nodes) {
        this.nodes = nodes;
    }

    /** The partition of every node, by its name. */
    Map<String, Path> read(final ConfigTable table) {
        table.allowOnly(nodes.stream().map(NodeSettings::name).toList());
        final Map<String, Path> result = new LinkedHashMap<>();
        for (final NodeSettings node : nodes) {
            final String example = "partitions." + node.name() + " = \"" + node.name() + ".img\"";
            final Path path =
                    table.folder().resolve(table.string(node.name(), example)).normalize();
            refuseSecondUse(table, node, path);
            uses.add(new Use(node, path, table.name()));
            result.put(node.name(), path);
        }
        return result;
    }

    private void refuseSecondUse(
            final ConfigTable table, final NodeSettings node, final Path path) {
        for (final Use use : uses) {
            if (use.path().equals(path) && use.node().sharesHostWith(node)) {
                throw table.error(
                        node.name(),
                        "%s is already a partition of node '%s' in [%s]"
                                .formatted(path, use.node().name(), use.table()),
                        "Give each volume a partition of its own");
            }
        }
    }
}
