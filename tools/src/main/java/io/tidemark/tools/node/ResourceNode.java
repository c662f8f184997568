package io.tidemark.tools.node;

import io.tidemark.journal.DurableFolders;
import io.tidemark.journal.aeron.AeronSettings;
import io.tidemark.journal.aeron.AeronStack;
import io.tidemark.journal.aeron.Recording;
import io.tidemark.journal.apply.Applier;
import io.tidemark.journal.apply.Readers;
import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.apply.SuperblockKeeper;
import io.tidemark.journal.apply.SuperblockStore;
import io.tidemark.journal.apply.VolumePartition;
import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.log.EntryLayout;
import io.tidemark.journal.log.JournalDisk;
import io.tidemark.journal.log.JournalSyncer;
import io.tidemark.journal.log.LogFiles;
import io.tidemark.journal.log.RangeReader;
import io.tidemark.journal.log.SpaceKeeper;
import io.tidemark.journal.log.Trail;
import io.tidemark.journal.partition.CreateMode;
import io.tidemark.journal.partition.Partition;
import io.tidemark.journal.replication.PeerAddress;
import io.tidemark.journal.replication.PeerLinks;
import io.tidemark.journal.replication.Phase;
import io.tidemark.journal.replication.Protocol;
import io.tidemark.journal.replication.ReplicationSettings;
import io.tidemark.journal.replication.ResourceAgent;
import io.tidemark.journal.replication.ResourceConfig;
import io.tidemark.journal.replication.ResourceListener;
import io.tidemark.nbd.NbdServer;
import io.tidemark.tools.config.NodeSettings;
import io.tidemark.tools.config.ResourceSettings;
import io.tidemark.tools.config.VolumeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.agrona.CloseHelper;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * One resource of a node with all its parts, built from the configuration. Data thread only, once
 * built.
 */
final class ResourceNode implements ResourceListener, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ResourceNode.class.getName());
    private static final long MILLIS = 1_000_000L;

    /**
     * Replies may come late by this much before a replica is too far behind to join the in-sync
     * set.
     */
    private static final long LIVE_BYTES = 8L << 20;

    private static final int READER_THREADS = 2;
    private static final int MAX_READS = 1024;

    private final ResourceSettings settings;
    private final List<Partition> partitions = new ArrayList<>();
    private final SuperblockStore store;
    private final boolean rememberedPrimary;
    private final ResourceAgent agent;
    private final Readers readers;
    private final RangeReader ranges;
    private final Sequencer sequencer;
    private final List<VolumeExport> exports = new ArrayList<>();
    private final RecoveryProgress progress;
    private @Nullable NbdServer server;

    ResourceNode(
            ResourceSettings settings,
            NodeSettings node,
            List<NodeSettings> peers,
            UUID nodeId,
            AeronStack stack,
            JournalDisk disk,
            PeerLinks links,
            int defaultMtu,
            Runnable wakeup) {
        this.settings = settings;
        this.progress =
                new RecoveryProgress(
                        settings.name(), line -> LOG.log(System.Logger.Level.INFO, line));
        Path directory = node.directory().resolve("resources").resolve(settings.name());
        try {
            DurableFolders.create(directory);
        } catch (IOException e) {
            throw new NodeException("cannot create " + directory + ": " + e, e);
        }
        List<VolumePartition> volumes = new ArrayList<>();
        try {
            store = new SuperblockStore(directory.resolve("superblock"));
            Superblock loaded = store.load().orElse(null);
            openPartitions(node.name(), volumes, loaded == null);
            SuperblockCheck check = new SuperblockCheck(settings, node.name(), node.directory());
            boolean hasJournal = new Recording(stack, settings.key()).exists();
            Superblock superblock =
                    loaded == null
                            ? first(node.name(), nodeId, hasJournal, check)
                            : check.accept(store, loaded, nodeId, hasJournal, volumesOf());
            rememberedPrimary = superblock.role() == Superblock.Role.PRIMARY;
            int mtu = node.mtuBytes().orElse(defaultMtu);
            ResourceConfig config = config(node, peers, nodeId, directory, volumes, mtu);
            LogFiles files =
                    new LogFiles(
                            stack.settings().archiveDirectory(), stack.settings().segmentLength());
            SpaceKeeper space = new SpaceKeeper(settings.name(), files, disk, wakeup);
            JournalSyncer syncer =
                    new JournalSyncer(settings.name(), files, space.zeroAhead(), wakeup);
            int window =
                    (int)
                            EntryLayout.encodedRequestBound(
                                    config.maxRequestBytes(), 1408, AeronSettings.LOG_TERM_LENGTH);
            Applier applier =
                    new Applier(
                            settings.name(), files, volumes, trailOf(superblock), window, wakeup);
            ranges = new RangeReader(settings.name(), files, wakeup);
            agent =
                    new ResourceAgent(
                            config,
                            peers.stream()
                                    .map(p -> new PeerAddress(p.name(), p.address(), p.port()))
                                    .toList(),
                            stack,
                            links,
                            files,
                            syncer,
                            space,
                            applier,
                            new SuperblockKeeper(settings.name(), store, wakeup),
                            superblock,
                            ranges,
                            new SystemEpochNanoClock(),
                            this);
            readers = new Readers(settings.name(), files, READER_THREADS, MAX_READS, wakeup);
        } catch (RuntimeException e) {
            CloseHelper.quietCloseAll(partitions);
            throw e;
        }
        sequencer = new Sequencer(agent, readers);
        for (int i = 0; i < volumes.size(); i++) {
            VolumeSettings volume = settings.volumes().get(i);
            exports.add(
                    new VolumeExport(
                            settings.name() + "/" + volume.number(),
                            new Front(sequencer, i, volume.sizeBytes()),
                            this));
        }
    }

    private void openPartitions(String node, List<VolumePartition> volumes, boolean mayCreate) {
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

    private ResourceConfig config(
            NodeSettings node,
            List<NodeSettings> peers,
            UUID nodeId,
            Path directory,
            List<VolumePartition> volumes,
            int mtu) {
        return new ResourceConfig(
                new ReplicationSettings(
                        settings.name(),
                        node.name(),
                        nodeId,
                        peers.stream().map(NodeSettings::name).toList(),
                        Protocol.valueOf(settings.protocol().name()),
                        settings.peerTimeout().toNanos(),
                        settings.peerWait().toNanos(),
                        Math.min(settings.peerWait().toNanos(), 2_000 * MILLIS),
                        LIVE_BYTES),
                settings.key(),
                settings.digest(),
                directory,
                volumes,
                mtu,
                ResourceSettings.MAX_REQUEST_BYTES,
                settings.unappliedLimitBytes(),
                settings.syncInterval().toNanos(),
                32L << 20,
                settings.checkpointInterval().toNanos(),
                settings.checkpointBytes(),
                1_000 * MILLIS,
                32L << 20);
    }

    private static Trail trailOf(Superblock sb) {
        return new Trail(
                sb.checkpoint(),
                sb.checkpointChain(),
                new EpochHistory(sb.epochs()),
                sb.inSync(),
                sb.inSyncPosition(),
                sb.heir().equals(Superblock.NIL) ? null : sb.heir(),
                sb.resource());
    }

    void start(NbdServer nbdServer, @Nullable Boolean asPrimary) {
        server = nbdServer;
        agent.start(asPrimary == null ? rememberedPrimary : asPrimary);
    }

    int doWork(long dutyNowNs) {
        int work = agent.doWork(dutyNowNs);
        progress.look(agent, dutyNowNs);
        return work + sequencer.release(dutyNowNs);
    }

    void afterSubmits() {
        sequencer.afterSubmits();
    }

    ResourceSettings settings() {
        return settings;
    }

    ResourceAgent agent() {
        return agent;
    }

    List<VolumeExport> exports() {
        return exports;
    }

    /** Why clients cannot be served now, or null. */
    @Nullable String refusal() {
        Phase phase = agent.state().phase();
        if (phase == Phase.SERVING) {
            return null;
        }
        if (phase == Phase.STOPPED) {
            return settings.name() + " has stopped on this node: " + agent.failure();
        }
        return switch (agent.state().role()) {
            case PRIMARY -> settings.name() + " is " + phase.text() + " on this node, try again";
            case CANDIDATE -> settings.name() + " is not served yet: " + stateText();
            case REPLICA -> settings.name() + " is a replica on this node, connect to its primary";
        };
    }

    /** State as shown to users and scripts. */
    String stateText() {
        Phase phase = agent.state().phase();
        if (agent.mending().recovering()) {
            return "mending";
        }
        return phase == Phase.SETTLING ? phase.text() + "=" + agent.state().detail() : phase.text();
    }

    /** What the state is about, as shown to users. */
    String detail() {
        if (agent.state().phase() == Phase.STOPPED) {
            return agent.failure();
        }
        String missing = agent.mending().detail();
        if (!missing.isEmpty()) {
            return missing;
        }
        return progress.text().isEmpty() ? agent.state().detail() : progress.text();
    }

    @Override
    public void serving() {
        sequencer.open();
    }

    @Override
    public void steppedDown() {
        if (server != null) {
            for (VolumeExport export : exports) {
                server.disconnect(export.name());
            }
        }
        sequencer.clear();
    }

    @Override
    public void close() {
        try {
            agent.close();
        } finally {
            readers.close();
            ranges.close();
            CloseHelper.closeAll(partitions);
            store.close();
        }
    }
}
