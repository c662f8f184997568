package io.tidemark.tools.node;

import io.tidemark.journal.DurableFolders;
import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.apply.SuperblockStore;
import io.tidemark.journal.apply.VolumePartition;
import io.tidemark.journal.partition.CreateMode;
import io.tidemark.journal.partition.Partition;
import io.tidemark.tools.config.NodeSettings;
import io.tidemark.tools.config.ResourceSettings;
import io.tidemark.tools.config.VolumeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.agrona.CloseHelper;

/**
 * What a resource has on this node besides its log: its folder, its superblock and its partitions,
 * opened and found to belong together. Nothing is written before everything was checked, except a
 * partition file that is created.
 */
final class ResourceFiles implements AutoCloseable {
    private final ResourceSettings settings;
    private final Path directory;
    private final List<Partition> partitions = new ArrayList<>();
    private final List<VolumePartition> volumes = new ArrayList<>();
    private final SuperblockStore store;
    private final Superblock superblock;

    /**
     * Opens them.
     *
     * @param hasJournal whether this node has a recording of the resource's log
     * @throws NodeException if they do not belong together, or not here; also {@link
     *     io.tidemark.journal.partition.PartitionException} and {@link
     *     io.tidemark.journal.apply.SuperblockException}. Nothing stays open then
     */
    ResourceFiles(ResourceSettings settings, NodeSettings node, UUID nodeId, boolean hasJournal) {
        this.settings = settings;
        directory = node.directory().resolve("resources").resolve(settings.name());
        try {
            DurableFolders.create(directory);
        } catch (IOException e) {
            throw new NodeException("cannot create " + directory + ": " + e, e);
        }
        store = new SuperblockStore(directory.resolve("superblock"));
        try {
            Superblock loaded = store.load().orElse(null);
            openPartitions(node.name(), loaded == null);
            SuperblockCheck check = new SuperblockCheck(settings, node.name(), node.directory());
            superblock =
                    loaded == null
                            ? first(node.name(), nodeId, hasJournal, check)
                            : check.accept(store, loaded, nodeId, hasJournal, volumesOf());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** As it was stored last when the resource was opened. */
    Superblock superblock() {
        return superblock;
    }

    SuperblockStore store() {
        return store;
    }

    List<VolumePartition> volumes() {
        return volumes;
    }

    /** Folder of all but the log and the partitions. */
    Path directory() {
        return directory;
    }

    private void openPartitions(String node, boolean mayCreate) {
        for (VolumeSettings volume : settings.volumes()) {
            Partition partition =
                    Partition.open(
                            volume.partition(node),
                            volume.sizeBytes(),
                            mayCreate ? CreateMode.CREATE_IF_MISSING : CreateMode.MUST_EXIST);
            partitions.add(partition);
            volumes.add(new VolumePartition(volume.number(), partition));
        }
    }

    /**
     * A resource that this node has never held: its partitions must be empty, or somebody's data
     * would be replaced.
     */
    private Superblock first(String node, UUID nodeId, boolean hasJournal, SuperblockCheck check) {
        for (int i = 0; i < partitions.size(); i++) {
            if (partitions.get(i).hasData()) {
                throw new NodeException(
                        "partition "
                                + settings.volumes().get(i).partition(node)
                                + " of "
                                + settings.name()
                                + "/"
                                + settings.volumes().get(i).number()
                                + " holds data, but this node has no superblock for it"
                                + (hasJournal
                                        ? ", only a journal: restore the node's directory. "
                                                + check.startOver()
                                        : ". Give one that reads as zeroes (a new file, blkdiscard -z DEVICE), or restore the node's directory"));
            }
        }
        if (hasJournal) {
            throw new NodeException(
                    "this node has a journal of "
                            + settings.name()
                            + ", but no superblock for it: restore "
                            + store.file()
                            + ". "
                            + check.startOver());
        }
        Superblock superblock =
                Superblock.first(nodeId, null, settings.name(), Superblock.NIL, volumesOf());
        store.store(superblock);
        return superblock;
    }

    private List<Superblock.Volume> volumesOf() {
        List<Superblock.Volume> volumes = new ArrayList<>();
        for (int i = 0; i < partitions.size(); i++) {
            VolumeSettings volume = settings.volumes().get(i);
            volumes.add(
                    new Superblock.Volume(
                            volume.number(), volume.sizeBytes(), partitions.get(i).identity()));
        }
        return volumes;
    }

    @Override
    public void close() {
        CloseHelper.quietCloseAll(partitions);
        CloseHelper.quietClose(store);
    }
}
