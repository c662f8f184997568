package io.tidemark.tools.node;

import io.tidemark.journal.aeron.AeronSettings;
import io.tidemark.journal.aeron.AeronStack;
import io.tidemark.journal.aeron.Recording;
import io.tidemark.journal.apply.Applier;
import io.tidemark.journal.apply.Readers;
import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.apply.SuperblockKeeper;
import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.log.EntryLayout;
import io.tidemark.journal.log.JournalDisk;
import io.tidemark.journal.log.JournalSyncer;
import io.tidemark.journal.log.LogFiles;
import io.tidemark.journal.log.RangeReader;
import io.tidemark.journal.log.SpaceKeeper;
import io.tidemark.journal.log.Trail;
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
final class ResourceNode implements ResourceListener, NodeResource {
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
    private final ResourceFiles files;
    private final boolean rememberedPrimary;
    private final boolean beganWithZeroes;
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
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            stack.checkUsable(settings.key());
            boolean hasJournal = new Recording(stack, settings.key()).exists();
            files = new ResourceFiles(settings, node, nodeId, hasJournal);
            opened.addFirst(files);
            Superblock superblock = files.superblock();
            beganWithZeroes = superblock.base().equals(Superblock.NIL);
            rememberedPrimary = superblock.role() == Superblock.Role.PRIMARY;
            ResourceConfig config = config(node, peers, nodeId, node.mtuBytes().orElse(defaultMtu));
            LogFiles segments =
                    new LogFiles(
                            stack.settings().archiveDirectory(), stack.settings().segmentLength());
            SpaceKeeper space = new SpaceKeeper(settings.name(), segments, disk, wakeup);
            opened.addFirst(space);
            JournalSyncer syncer =
                    new JournalSyncer(settings.name(), segments, space.zeroAhead(), wakeup);
            opened.addFirst(syncer);
            int window =
                    (int)
                            EntryLayout.encodedRequestBound(
                                    config.maxRequestBytes(), 1408, AeronSettings.LOG_TERM_LENGTH);
            Applier applier =
                    new Applier(
                            settings.name(),
                            segments,
                            config.volumes(),
                            trailOf(superblock),
                            window,
                            wakeup);
            opened.addFirst(applier);
            SuperblockKeeper keeper = new SuperblockKeeper(settings.name(), files.store(), wakeup);
            opened.addFirst(keeper);
            ranges = new RangeReader(settings.name(), segments, wakeup);
            readers = new Readers(settings.name(), segments, READER_THREADS, MAX_READS, wakeup);
            opened.addFirst(readers);
            agent =
                    new ResourceAgent(
                            config,
                            peers.stream()
                                    .map(p -> new PeerAddress(p.name(), p.address(), p.port()))
                                    .toList(),
                            stack,
                            links,
                            segments,
                            syncer,
                            space,
                            applier,
                            keeper,
                            superblock,
                            ranges,
                            new SystemEpochNanoClock(),
                            this);
        } catch (RuntimeException e) {
            CloseHelper.quietCloseAll(opened);
            throw e;
        }
        sequencer = new Sequencer(agent, readers);
        for (int i = 0; i < settings.volumes().size(); i++) {
            VolumeSettings volume = settings.volumes().get(i);
            exports.add(
                    new VolumeExport(
                            settings.name() + "/" + volume.number(),
                            new Front(sequencer, i, volume.sizeBytes()),
                            this));
        }
    }

    private ResourceConfig config(
            NodeSettings node, List<NodeSettings> peers, UUID nodeId, int mtu) {
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
                files.directory(),
                files.volumes(),
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

    @Override
    public ResourceSettings settings() {
        return settings;
    }

    ResourceAgent agent() {
        return agent;
    }

    @Override
    public List<VolumeExport> exports() {
        return exports;
    }

    /** Whether the log tells all that the partitions hold. */
    boolean beganWithZeroes() {
        return beganWithZeroes;
    }

    @Override
    public @Nullable String refusal() {
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

    @Override
    public String stateText() {
        Phase phase = agent.state().phase();
        if (agent.mending().recovering()) {
            return "mending";
        }
        return phase == Phase.SETTLING ? phase.text() + "=" + agent.state().detail() : phase.text();
    }

    @Override
    public String label() {
        return switch (agent.state().role()) {
            case REPLICA ->
                    agent.mending().recovering()
                            ? "replica mending"
                            : agent.state().phase() == Phase.STOPPED
                                    ? "replica stopped"
                                    : "replica";
            case PRIMARY, CANDIDATE -> "primary " + stateText();
        };
    }

    @Override
    public boolean settled(boolean early) {
        return switch (agent.state().phase()) {
            case RECOVERING -> agent.mending().recovering();
            case FETCHING, OPENING -> false;
            case SETTLING -> !early;
            case WAITING, FOLLOWING, SERVING, CLOSING, STOPPED -> true;
        };
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
            files.close();
        }
    }
}
