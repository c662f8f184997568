package io.tidemark.tools.node;

import io.tidemark.journal.aeron.KnownDurable;
import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.apply.SuperblockException;
import io.tidemark.journal.apply.SuperblockStore;
import io.tidemark.tools.config.ResourceSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Up to where the superblocks of a node say that its logs were durable: read before the archive is
 * started, which would otherwise end a log whose end is damaged, and record over it.
 */
final class RememberedPositions implements KnownDurable {
    private static final System.Logger LOG = System.getLogger(RememberedPositions.class.getName());

    private final Map<Integer, Positions> positions = new HashMap<>();

    /**
     * @param directory of the node
     * @param nodeId the node's; a superblock of another one tells nothing of this node's files
     */
    RememberedPositions(Path directory, UUID nodeId, List<ResourceSettings> resources) {
        for (ResourceSettings resource : resources) {
            Path file =
                    directory.resolve("resources").resolve(resource.name()).resolve("superblock");
            try (SuperblockStore store = new SuperblockStore(file)) {
                store.load()
                        .filter(sb -> sb.node().equals(nodeId))
                        .filter(sb -> sb.resourceName().equals(resource.name()))
                        .ifPresent(sb -> positions.put(resource.key(), positions(sb)));
            } catch (SuperblockException e) {
                // The resource itself is refused for it, with the remedy.
                LOG.log(System.Logger.Level.DEBUG, "{0}", e.getMessage());
            }
        }
    }

    private static Positions positions(Superblock sb) {
        return new Positions(sb.checkpoint(), Math.max(sb.durable(), sb.applyLimit()));
    }

    @Override
    public @Nullable Positions of(int streamId) {
        return positions.get(streamId);
    }
}
