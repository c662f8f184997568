package io.tidemark.tools.cli;

import io.tidemark.tools.config.Role;
import io.tidemark.tools.config.TidemarkConfig;
import io.tidemark.tools.node.NodeMain;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark node}: runs a node in this process until SIGTERM. */
@Command(
        name = "node",
        mixinStandardHelpOptions = true,
        description = {
            "Runs one node in the foreground until SIGTERM, which stops it cleanly.",
            "It prints a line that starts with 'ready' per resource once it listens and its state is known."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  tidemark node t.toml alpha --role primary",
            "  tidemark node t.toml alpha                 with the role it remembers"
        })
final class NodeCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "CONFIG", description = "The configuration file.")
    private Path config = Path.of("");

    @Parameters(index = "1", paramLabel = "NODE", description = "This node's name in it.")
    private String node = "";

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            description = "primary or replica; without it the role that the node remembers.")
    private @Nullable Role role;

    @Override
    public Integer call() {
        final TidemarkConfig loaded = TidemarkConfig.load(config);
        return NodeMain.run(loaded, loaded.node(node).name(), role);
    }
}
