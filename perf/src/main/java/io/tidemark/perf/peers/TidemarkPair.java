package io.tidemark.perf.peers;

import io.tidemark.tools.admin.AdminClient;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.ResourceStatus;
import io.tidemark.tools.config.NodeSettings;
import io.tidemark.tools.config.TidemarkConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/** Two Tidemark nodes, started by the launch scripts with a configuration of their own. */
public final class TidemarkPair implements Candidate {
    private static final String RESOURCE = "r0";
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final String protocol;
    private final boolean secret;
    private final Path folder;
    private final Endpoint endpoint;
    private final TidemarkConfig config;
    private final Child replica;
    private final Child primary;

    private TidemarkPair(
            String protocol,
            boolean secret,
            Path folder,
            Endpoint endpoint,
            TidemarkConfig config,
            Child replica,
            Child primary) {
        this.protocol = protocol;
        this.secret = secret;
        this.folder = folder;
        this.endpoint = endpoint;
        this.config = config;
        this.replica = replica;
        this.primary = primary;
    }

    /**
     * Starts both nodes and waits until the replica is live and, under B and C, in sync.
     *
     * @param bin folder of the launch scripts
     * @param protocol A, B or C
     * @param secret whether the nodes share a secret, and seal what they say to each other
     */
    public static TidemarkPair start(
            Path bin, String protocol, boolean secret, Path folder, boolean tcp, long sizeBytes)
            throws InterruptedException {
        FreePorts ports = new FreePorts();
        Endpoint endpoint =
                tcp ? new Endpoint.Tcp(ports.tcp()) : new Endpoint.Unix(folder.resolve("a.sock"));
        Endpoint other =
                tcp ? new Endpoint.Tcp(ports.tcp()) : new Endpoint.Unix(folder.resolve("b.sock"));
        Path file = folder.resolve("tidemark.toml");
        try {
            if (secret) {
                Path secretFile = Files.createFile(folder.resolve("secret"), OWNER_ONLY);
                Files.writeString(secretFile, "nobody else reaches loopback");
            }
            Files.writeString(
                    file,
                    """
                    %s
                    [nodes.alpha]
                    address   = "127.0.0.1"
                    port      = %d
                    directory = "alpha"
                    nbd       = "%s"
                    [nodes.beta]
                    address   = "127.0.0.1"
                    port      = %d
                    directory = "beta"
                    nbd       = "%s"
                    [resources.r0]
                    protocol  = "%s"
                    [resources.r0.volumes.0]
                    size      = "%d"
                    partitions.alpha = "alpha.img"
                    partitions.beta  = "beta.img"
                    """
                            .formatted(
                                    secret ? "secret-file = \"secret\"" : "",
                                    ports.udp(NodeSettings.PORTS),
                                    text(endpoint),
                                    ports.udp(NodeSettings.PORTS),
                                    text(other),
                                    protocol,
                                    sizeBytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        TidemarkConfig config = TidemarkConfig.load(file);
        Child replica = node(bin.resolve("replica"), file, "beta", folder);
        Child primary = node(bin.resolve("primary"), file, "alpha", folder);
        TidemarkPair pair =
                new TidemarkPair(protocol, secret, folder, endpoint, config, replica, primary);
        try {
            primary.await(
                    "a replica in sync", () -> pair.status().map(pair::isReady).orElse(false));
        } catch (PeerException e) {
            pair.close();
            throw e;
        }
        return pair;
    }

    private static Child node(Path script, Path config, String name, Path folder) {
        return Child.start(name, folder, List.of(script.toString(), config.toString(), name));
    }

    private static String text(Endpoint endpoint) {
        return switch (endpoint) {
            case Endpoint.Tcp tcp -> "127.0.0.1:" + tcp.port();
            case Endpoint.Unix unix -> "unix:" + unix.path();
        };
    }

    private Optional<ResourceStatus> status() {
        try {
            return new AdminClient(config.node("alpha").adminSocket()).status().resource(RESOURCE);
        } catch (AdminException notYet) {
            return Optional.empty();
        }
    }

    private boolean isReady(ResourceStatus status) {
        return status.state().equals("serving")
                && status.peers().stream()
                        .anyMatch(
                                p ->
                                        p.inSync()
                                                || (protocol.equals("A")
                                                        && p.state().equals("live")));
    }

    @Override
    public String name() {
        return "tidemark-" + protocol + (secret ? "-secret" : "");
    }

    @Override
    public String description() {
        return "Tidemark, protocol "
                + protocol
                + ", two nodes, replication over UDP on loopback"
                + (secret ? ", with a shared secret" : "");
    }

    @Override
    public SocketAddress address() {
        return endpoint.address();
    }

    @Override
    public String export() {
        return RESOURCE;
    }

    @Override
    public List<Child> processes() {
        return List.of(primary, replica);
    }

    @Override
    public List<Path> copies() {
        return List.of(folder.resolve("alpha.img"), folder.resolve("beta.img"));
    }

    /** The primary first, so that the replica sees the end of its epoch. */
    @Override
    public void close() {
        primary.close();
        replica.close();
    }
}
