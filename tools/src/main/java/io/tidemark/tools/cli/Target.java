package io.tidemark.tools.cli;

import io.tidemark.tools.admin.AdminClient;
import io.tidemark.tools.config.TidemarkConfig;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of every command that talks to a running node. */
final class Target {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            required = true,
            defaultValue = "${env:TIDEMARK_CONFIG}",
            description = "The configuration file (or TIDEMARK_CONFIG).")
    private Path config = Path.of("");

    @Option(
            names = {"-n", "--node"},
            paramLabel = "NODE",
            required = true,
            defaultValue = "${env:TIDEMARK_NODE}",
            description = "The node on this host to talk to (or TIDEMARK_NODE).")
    private String node = "";

    String node() {
        return node;
    }

    AdminClient connect() {
        return new AdminClient(TidemarkConfig.load(config).node(node).adminSocket());
    }
}
