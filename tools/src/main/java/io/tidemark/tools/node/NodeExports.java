package io.tidemark.tools.node;

import io.tidemark.nbd.Export;
import io.tidemark.nbd.Exports;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All volumes of a node. {@code r0} means the only volume of r0, the empty name the only volume of
 * the node.
 */
final class NodeExports implements Exports {
    private final List<VolumeExport> exports = new ArrayList<>();

    NodeExports(List<NodeResource> resources) {
        resources.forEach(resource -> exports.addAll(resource.exports()));
    }

    @Override
    public @Nullable Export find(String name) {
        @Nullable VolumeExport found = null;
        for (VolumeExport export : exports) {
            if (export.name().equals(name)) {
                return export;
            }
            boolean only = export.resource().exports().size() == 1;
            if (name.isEmpty()
                    ? exports.size() == 1
                    : only && export.resource().settings().name().equals(name)) {
                found = export;
            }
        }
        return found;
    }

    @Override
    public List<Export> all() {
        return List.copyOf(exports);
    }
}
