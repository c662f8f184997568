package io.tidemark.tools.node;

import io.tidemark.tools.config.Role;
import io.tidemark.tools.config.TidemarkConfig;
import org.jspecify.annotations.Nullable;

/** Placeholder on this branch: the node assembly replaces it. */
public final class NodeMain {
    private NodeMain() {}

    /**
     * Runs a node until it is told to stop.
     *
     * @param requestedRole null to resume the remembered role
     * @return exit status
     */
    public static int run(
            final TidemarkConfig config,
            final String nodeName,
            final @Nullable Role requestedRole) {
        System.err.println("tidemark: the node is not part of this build.");
        return 1;
    }
}
