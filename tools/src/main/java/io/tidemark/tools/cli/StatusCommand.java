package io.tidemark.tools.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.tools.admin.AdminClient;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.AdminJson;
import io.tidemark.tools.admin.NodeStatus;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tidemark status}: what a node is, how far it has come, and how it sees its peers. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Shows roles, positions, peers and lag of a running node.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tidemark status --config t.toml --node alpha",
            "  tidemark status --config t.toml --node alpha --json | jq .resources[0].state"
        })
final class StatusCommand implements Callable<Integer> {
    @Mixin private Target target = new Target();

    @Option(names = "--json", description = "One JSON object; fields are only ever added.")
    private boolean json;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws AdminException {
        final JsonNode answer =
                target.connect().call("status", AdminJson.object(), AdminClient.DEFAULT_TIMEOUT);
        final PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        // As JSON it is passed on as it came: a node newer than this command may have more to say.
        out.print(json ? AdminJson.pretty(answer) + "\n" : StatusText.of(NodeStatus.of(answer)));
        out.flush();
        return ExitStatus.OK;
    }
}
