package io.tidemark.tools.node;

import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.apply.SuperblockStore;
import io.tidemark.tools.config.ResourceSettings;
import io.tidemark.tools.config.VolumeSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * Whether the superblock of a resource, its partitions and the configuration belong together. A
 * partition that took another one's place would get the rest of a log whose beginning it never had,
 * so whatever does not fit is refused, with what would help.
 *
 * <p>A partition is known by its serial number or inode. Where a node's files were moved to another
 * file system, cloned or restored together, the inodes of its image files are other ones too; then
 * the superblock's own file is a copy as well, which it knows of itself, and the new identities are
 * taken over.
 */
final class SuperblockCheck {
    private static final System.Logger LOG = System.getLogger(SuperblockCheck.class.getName());

    private final ResourceSettings settings;
    private final String node;
    private final Path nodeDirectory;

    SuperblockCheck(ResourceSettings settings, String node, Path nodeDirectory) {
        this.settings = settings;
        this.node = node;
        this.nodeDirectory = nodeDirectory;
    }

    /**
     * Checks what was loaded.
     *
     * @param hasJournal whether this node has a recording of the log
     * @param now the volumes as configured, on the partitions that are there
     * @return the superblock that counts, stored
     * @throws NodeException if it does not belong here; nothing has changed then
     */
    Superblock accept(
            SuperblockStore store,
            Superblock loaded,
            UUID nodeId,
            boolean hasJournal,
            List<Superblock.Volume> now) {
        store.mended()
                .ifPresent(
                        torn ->
                                LOG.log(
                                        System.Logger.Level.WARNING,
                                        "{0}: the superblock is taken from its other slot, {1}; the next store mends that",
                                        settings.name(),
                                        torn));
        checkOwner(loaded, nodeId);
        checkJournal(loaded, hasJournal);
        checkVolumes(loaded.volumes(), now);
        if (loaded.volumes().equals(now)) {
            return loaded;
        }
        for (int i = 0; i < now.size(); i++) {
            checkPartition(loaded.volumes().get(i), now.get(i), i, store.copied());
        }
        Superblock moved = loaded.withVolumes(now);
        store.store(moved);
        return moved;
    }

    private void checkOwner(Superblock loaded, UUID nodeId) {
        if (!loaded.resourceName().equals(settings.name())) {
            throw new NodeException(
                    "%s is the superblock of resource %s, not of %s: put back the one that belongs there. %s"
                            .formatted(
                                    superblock(),
                                    loaded.resourceName(),
                                    settings.name(),
                                    startOver()));
        }
        if (!loaded.node().equals(nodeId)) {
            throw new NodeException(
                    "%s is the superblock of another node (%s, but %s says %s): put back this node's own. %s"
                            .formatted(
                                    superblock(),
                                    loaded.node(),
                                    nodeDirectory.resolve("node.id"),
                                    nodeId,
                                    startOver()));
        }
    }

    /** A log that is not there would be begun anew, at position 0. */
    private void checkJournal(Superblock loaded, boolean hasJournal) {
        if (!hasJournal && loaded.durable() > 0) {
            throw new NodeException(
                    "the journal of %s is not in %s, but was durable up to position %d, and the partitions hold what lies below %d: put it back. %s"
                            .formatted(
                                    settings.name(),
                                    nodeDirectory.resolve("journal"),
                                    loaded.durable(),
                                    loaded.checkpoint(),
                                    startOver()));
        }
    }

    private void checkVolumes(List<Superblock.Volume> then, List<Superblock.Volume> now) {
        if (!shape(then).equals(shape(now))) {
            throw new NodeException(
                    "%s was made with %s, the configuration says %s: volumes cannot be changed afterwards. Correct the configuration"
                            .formatted(settings.name(), shape(then), shape(now)));
        }
    }

    private static List<String> shape(List<Superblock.Volume> volumes) {
        return volumes.stream()
                .map(v -> "volume %d of %d bytes".formatted(v.number(), v.sizeBytes()))
                .toList();
    }

    private void checkPartition(
            Superblock.Volume then, Superblock.Volume now, int index, boolean copied) {
        if (then.partition().equals(now.partition())) {
            return;
        }
        VolumeSettings volume = settings.volumes().get(index);
        if (!copied) {
            throw new NodeException(
                    "partition %s of %s/%d is not the one that this node wrote to (%s instead of %s): put that one back. %s"
                            .formatted(
                                    volume.partition(node),
                                    settings.name(),
                                    volume.number(),
                                    now.partition(),
                                    then.partition(),
                                    startOver()));
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "{0}/{1}: partition {2} and the node''s directory were moved or restored together ({3} instead of {4}): taken over. If the partition is not of the same moment as the directory, stop this node and start it over",
                settings.name(),
                volume.number(),
                volume.partition(node),
                now.partition(),
                then.partition());
    }

    private Path superblock() {
        return nodeDirectory.resolve("resources").resolve(settings.name()).resolve("superblock");
    }

    /** How to give up what is here, for a node that has a peer with the whole log. */
    String startOver() {
        StringBuilder text =
                new StringBuilder("Or start over as a new replica, if a peer has it all: mv ")
                        .append(nodeDirectory)
                        .append(' ')
                        .append(nodeDirectory)
                        .append(".old");
        for (VolumeSettings volume : settings.volumes()) {
            Path partition = volume.partition(node);
            text.append(
                    partition.startsWith("/dev") && !Files.isRegularFile(partition)
                            ? "; blkdiscard -z " + partition
                            : "; mv " + partition + " " + partition + ".old");
        }
        return text.append("; tools/bin/replica CONFIG ").append(node).toString();
    }
}
