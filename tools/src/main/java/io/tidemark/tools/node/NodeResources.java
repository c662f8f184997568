package io.tidemark.tools.node;

import io.tidemark.journal.JournalException;
import io.tidemark.journal.apply.SuperblockException;
import io.tidemark.journal.partition.PartitionException;
import io.tidemark.journal.replication.PeerLinks;
import io.tidemark.tools.config.ResourceSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.agrona.CloseHelper;

/**
 * All resources of a node, in the order of the configuration. One that cannot be opened keeps no
 * other one from being served. Data thread only.
 */
final class NodeResources implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(NodeResources.class.getName());

    private final List<NodeResource> all = new ArrayList<>();
    private final List<ResourceNode> running = new ArrayList<>();
    private final List<RefusedResource> refused = new ArrayList<>();

    /**
     * Opens them.
     *
     * @param node name of this node
     * @param open opens one, or throws and leaves nothing of it open
     * @throws RuntimeException if none can be opened: what is wrong with the only one, or with all
     */
    NodeResources(
            List<ResourceSettings> resources,
            String node,
            PeerLinks links,
            Function<ResourceSettings, ResourceNode> open) {
        List<RuntimeException> problems = new ArrayList<>();
        for (ResourceSettings settings : resources) {
            try {
                ResourceNode opened = open.apply(settings);
                running.add(opened);
                all.add(opened);
            } catch (NodeException
                    | JournalException
                    | PartitionException
                    | SuperblockException e) {
                problems.add(e);
                RefusedResource without =
                        new RefusedResource(settings, node, links, String.valueOf(e.getMessage()));
                refused.add(without);
                all.add(without);
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }
        if (running.isEmpty() && !problems.isEmpty()) {
            throw problems.size() == 1 ? problems.getFirst() : allRefused(problems);
        }
        for (RefusedResource resource : refused) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "{0} is stopped on this node, its other resources run: {1}",
                    resource.settings().name(),
                    resource.why());
        }
    }

    private NodeException allRefused(List<RuntimeException> problems) {
        StringBuilder text = new StringBuilder("no resource of this node can be opened");
        for (RefusedResource resource : refused) {
            text.append(". ").append(resource.settings().name()).append(": ");
            text.append(resource.why());
        }
        return new NodeException(text.toString(), problems.getFirst());
    }

    /** All of them. */
    List<NodeResource> all() {
        return all;
    }

    /** Those that are open. */
    List<ResourceNode> running() {
        return running;
    }

    /** Those that could not be opened. */
    List<RefusedResource> refused() {
        return refused;
    }

    @Override
    public void close() {
        CloseHelper.quietCloseAll(running);
    }
}
