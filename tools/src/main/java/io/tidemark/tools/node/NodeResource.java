package io.tidemark.tools.node;

import io.tidemark.tools.config.ResourceSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A resource of a node, as it is shown and offered. Data thread only. */
sealed interface NodeResource extends AutoCloseable permits ResourceNode, RefusedResource {
    ResourceSettings settings();

    List<VolumeExport> exports();

    /** Why clients cannot be served now, or null. */
    @Nullable String refusal();

    /** State as shown to users and scripts. */
    String stateText();

    /** Role and state as in the lines that the node prints. */
    String label();

    /**
     * Whether the state says where the resource stands, and not only that it is on its way.
     *
     * @param early while a primary may still find out at once whom it has to wait for
     */
    boolean settled(boolean early);

    @Override
    void close();
}
