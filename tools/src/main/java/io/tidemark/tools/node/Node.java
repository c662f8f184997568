package io.tidemark.tools.node;

import io.tidemark.journal.aeron.AeronSettings;
import io.tidemark.journal.aeron.AeronStack;
import io.tidemark.journal.aeron.ArchiveAccess;
import io.tidemark.journal.log.EntryLayout;
import io.tidemark.journal.log.JournalDisk;
import io.tidemark.journal.replication.PeerAddress;
import io.tidemark.journal.replication.PeerLinks;
import io.tidemark.journal.secret.SharedSecret;
import io.tidemark.nbd.NbdServer;
import io.tidemark.nbd.NbdServerConfig;
import io.tidemark.tools.admin.AdminServer;
import io.tidemark.tools.config.NodeSettings;
import io.tidemark.tools.config.ResourceSettings;
import io.tidemark.tools.config.TidemarkConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import org.agrona.CloseHelper;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * One node: all its resources, the embedded Aeron, the NBD server and the admin socket, assembled
 * and run by the calling thread, which becomes the data thread.
 */
final class Node implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Node.class.getName());

    /** Largest payload piece by what the path carries: loopback, jumbo frames, Ethernet. */
    private static final int LOOPBACK_PIECE = 61_440;

    private static final int JUMBO_PIECE = 8_192;
    private static final int ETHERNET_MTU = 1_408;

    private final NodeSettings settings;
    private final NodeDirectory directory;
    private final Selector selector;
    private final AeronStack stack;
    private final PeerLinks links;
    private final NodeResources resources;
    private final NbdServer server;
    private final DutyCycle cycle;
    private @Nullable AdminServer admin;
    private @Nullable DutyCycle started;
    private volatile boolean stopping;

    /** Opens everything; nothing is served yet. */
    Node(TidemarkConfig config, String name) throws IOException {
        this.settings = config.node(name);
        this.directory = NodeDirectory.open(name, settings.directory());
        List<AutoCloseable> opened = new ArrayList<>();
        opened.add(directory);
        try {
            selector = Selector.open();
            opened.addFirst(selector);
            AeronSettings aeron = aeronSettings();
            SharedSecret secret = SecretFile.of(config);
            stack =
                    AeronStack.launch(
                            aeron,
                            secret == null ? ArchiveAccess.open() : ArchiveAccess.guarded(),
                            new RememberedPositions(
                                    settings.directory(), directory.nodeId(), config.resources()),
                            channel -> DutyCycle.register(selector, channel));
            opened.addFirst(stack);
            JournalDisk disk = new JournalDisk(aeron.archiveDirectory());
            List<NodeSettings> peers =
                    config.nodes().stream().filter(n -> !n.name().equals(name)).toList();
            links =
                    new PeerLinks(
                            stack,
                            peers.stream()
                                    .map(p -> new PeerAddress(p.name(), p.address(), p.port()))
                                    .toList(),
                            secret);
            opened.addFirst(links);
            resources =
                    new NodeResources(
                            config.resources(),
                            name,
                            links,
                            resource ->
                                    new ResourceNode(
                                            resource,
                                            settings,
                                            peers,
                                            directory.nodeId(),
                                            stack,
                                            disk,
                                            links,
                                            defaultMtu(),
                                            this::wakeup));
            opened.addFirst(resources);
            server =
                    new NbdServer(
                            nbdConfig(),
                            new NodeExports(resources.all()),
                            selector,
                            SystemNanoClock.INSTANCE);
            opened.addFirst(server);
            cycle = new DutyCycle(selector, stack, links, resources, server);
            started = cycle;
        } catch (IOException | RuntimeException e) {
            CloseHelper.quietCloseAll(opened);
            throw e;
        }
    }

    /**
     * Runs until {@link #stop}, then ends cleanly.
     *
     * @return false if a reign could not be ended or a checkpoint not taken in time
     */
    boolean run(@Nullable Boolean asPrimary) throws IOException {
        server.open();
        admin =
                AdminServer.start(
                        settings.adminSocket(), new NodeAdmin(settings.name(), cycle, resources));
        for (ResourceNode resource : resources.running()) {
            resource.start(server, asPrimary);
        }
        StateLines lines = new StateLines(settings.name(), resources.all());
        while (!stopping) {
            cycle.run();
            lines.print();
        }
        return finish();
    }

    /** Asks the node to end. Any thread. */
    void stop() {
        stopping = true;
        selector.wakeup();
    }

    private void wakeup() {
        DutyCycle running = started;
        if (running != null) {
            running.wakeup();
        }
    }

    /**
     * Ends reigns, applies and checkpoints what is committed. Clients are disconnected without
     * replies first.
     */
    private boolean finish() throws IOException {
        long maxNs = 0;
        for (ResourceNode resource : resources.running()) {
            resource.steppedDown();
            maxNs = Math.max(maxNs, resource.settings().peerTimeout().toNanos());
        }
        long deadline = System.nanoTime() + 2 * maxNs + 30_000_000_000L;
        boolean finished = false;
        while (!finished && System.nanoTime() - deadline < 0) {
            cycle.run();
            finished = true;
            for (ResourceNode resource : resources.running()) {
                finished &= resource.agent().finish();
            }
        }
        for (ResourceNode resource : resources.running()) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "{0}: stopped at position {1}, checkpoint {2}",
                    resource.settings().name(),
                    Long.toString(resource.agent().appended()),
                    Long.toString(resource.agent().checkpoint()));
        }
        System.out.println("stopped " + settings.name() + (finished ? "" : " before all was done"));
        System.out.flush();
        return finished;
    }

    private AeronSettings aeronSettings() {
        return new AeronSettings(
                settings.name(),
                settings.address(),
                settings.port(),
                settings.directory().resolve("journal"),
                AeronSettings.driverDirectory(settings.name(), settings.directory()),
                settings.segmentBytes(),
                settings.socketBufferBytes());
    }

    private NbdServerConfig nbdConfig() {
        NbdServerConfig defaults =
                NbdServerConfig.defaults(List.of(settings.nbd().socketAddress()));
        return new NbdServerConfig(
                defaults.listen(),
                settings.maxConnections(),
                ResourceSettings.MAX_REQUEST_BYTES,
                defaults.maxOutstanding(),
                defaults.payloadBudgetBytes(),
                defaults.readBudgetBytes(),
                defaults.handshakeTimeoutNs(),
                defaults.stallTimeoutNs());
    }

    /** MTU of a log that this node creates, by the interface it replicates over. */
    private int defaultMtu() {
        try {
            NetworkInterface network =
                    NetworkInterface.getByInetAddress(InetAddress.getByName(settings.address()));
            if (network == null) {
                return ETHERNET_MTU;
            }
            if (network.isLoopback()) {
                return EntryLayout.mtuFor(LOOPBACK_PIECE);
            }
            int jumbo = EntryLayout.mtuFor(JUMBO_PIECE);
            return network.getMTU() >= jumbo + 28 ? jumbo : ETHERNET_MTU;
        } catch (SocketException | UnknownHostException e) {
            return ETHERNET_MTU;
        }
    }

    @Override
    public void close() {
        CloseHelper.quietClose(admin);
        CloseHelper.quietClose(server);
        CloseHelper.quietClose(resources);
        CloseHelper.quietClose(links);
        CloseHelper.quietClose(stack);
        CloseHelper.quietClose(selector);
        CloseHelper.quietClose(directory);
    }
}
