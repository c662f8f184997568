package io.tidemark.tools.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.tools.admin.AdminClient;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.AdminJson;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark demote}: a primary gives its reign up. */
@Command(
        name = "demote",
        mixinStandardHelpOptions = true,
        description = {
            "Makes the primary of a resource a replica.",
            "Requests under way are answered, everything is made durable on the in-sync replicas,",
            "then clients are disconnected. Nobody serves until a node is promoted: this one, or",
            "another one that can reach it."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  tidemark demote r0 --config t.toml --node alpha",
            "  tidemark switchover r0 --to beta --config t.toml --node alpha   to go on elsewhere"
        })
final class DemoteCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Parameters(paramLabel = "RESOURCE", description = "The resource's name.")
    private String resource = "";

    @Mixin private Target target = new Target();

    @Option(names = "--dry-run", description = "Only look whether it is possible.")
    private boolean dryRun;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws AdminException {
        final PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        final AdminClient node = target.connect();
        final ObjectNode arguments =
                AdminJson.object().put("resource", resource).put("dry_run", dryRun);
        final long epoch =
                node.call("demote", arguments, AdminClient.DEFAULT_TIMEOUT).path("epoch").asLong();
        if (dryRun) {
            out.println(
                    "%s would end epoch %d of %s and become a replica"
                            .formatted(target.node(), epoch, resource));
            out.flush();
            return ExitStatus.OK;
        }
        new RoleWait(node, resource, out)
                .until(
                        status ->
                                status.role().equals("replica")
                                        && !status.state().equals("recovering"),
                        LIMIT,
                        "Its status and its log say what it waits for");
        out.println(
                "%s has ended epoch %d of %s and is a replica"
                        .formatted(target.node(), epoch, resource));
        out.flush();
        return ExitStatus.OK;
    }
}
