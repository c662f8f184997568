package io.tidemark.tools;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.AdminHandler;
import io.tidemark.tools.admin.AdminJson;
import io.tidemark.tools.admin.AdminServer;
import io.tidemark.tools.admin.JournalStatus;
import io.tidemark.tools.admin.NodeStatus;
import io.tidemark.tools.admin.PeerStatus;
import io.tidemark.tools.admin.PositionsStatus;
import io.tidemark.tools.admin.PromotePreview;
import io.tidemark.tools.admin.ResourceStatus;
import io.tidemark.tools.config.NodeSettings;
import io.tidemark.tools.config.TidemarkConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Behaves to the outside like a node of a replicated pair, for tests of what sits around nodes: it
 * answers the admin socket and serves NBD. Both nodes of a pair serve the first node's partition,
 * so a "replica" holds at once what was acknowledged.
 */
public final class FakeNode implements AdminHandler {
    private final String name;
    private final String peer;
    private final Path partition;
    private volatile String role;

    /** A node whose replica or primary is {@code peer}. */
    public FakeNode(final String name, final String peer, final String role, final Path partition) {
        this.partition = partition;
        this.name = name;
        this.peer = peer;
        this.role = role;
    }

    /** The process that a launch script becomes: CONFIG NODE --role ROLE. */
    public static void main(final String[] args) throws IOException, InterruptedException {
        final TidemarkConfig config = TidemarkConfig.load(Path.of(args[0]));
        final NodeSettings settings = config.node(args[1]);
        final Path partition =
                config.resources()
                        .getFirst()
                        .volumes()
                        .getFirst()
                        .partition(config.nodes().getFirst().name());
        final FakeNode node =
                new FakeNode(
                        args[1], args[1].equals("alpha") ? "beta" : "alpha", args[3], partition);
        final CountDownLatch end = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(0), "clean stop"));
        try (AdminServer _ = AdminServer.start(settings.adminSocket(), node);
                FakeNbdServer _ =
                        FakeNbdServer.start(
                                settings.nbd().socketAddress(),
                                partition,
                                config.resources().getFirst().volumes().getFirst().sizeBytes())) {
            System.out.println("ready " + args[1] + " r0 " + args[3] + " serving");
            end.await();
        }
    }

    @Override
    public JsonNode handle(final String command, final JsonNode arguments) throws AdminException {
        return switch (command) {
            case "status" -> status().toJson();
            case "promote-preview" ->
                    AdminJson.tree(
                            new PromotePreview(
                                    true, true, List.of("alpha was last heard 3 s ago at 4096")));
            case "promote" -> {
                FakeRedo.replay(partition);
                role = "primary";
                yield AdminJson.object();
            }
            default -> throw new AdminException("no command " + command, 2);
        };
    }

    private NodeStatus status() {
        final PositionsStatus positions = new PositionsStatus(8192, 8192, 8192, 4096, 4096, 0);
        return new NodeStatus(
                name,
                List.of(
                        new ResourceStatus(
                                "r0",
                                role,
                                role.equals("primary") ? "serving" : "live",
                                1,
                                positions,
                                List.of(
                                        new PeerStatus(
                                                peer, "live", true, positions, 1536, 0.25, "")),
                                List.of(peer),
                                "C",
                                "",
                                JournalStatus.UNKNOWN)));
    }
}
