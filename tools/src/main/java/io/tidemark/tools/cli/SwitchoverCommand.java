package io.tidemark.tools.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.tools.admin.AdminClient;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.AdminJson;
import io.tidemark.tools.admin.ResourceStatus;
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

/** {@code tidemark switchover}: a replica takes the reign over from its primary. */
@Command(
        name = "switchover",
        mixinStandardHelpOptions = true,
        description = {
            "Makes an in-sync replica the primary, and the primary its replica. Ask the primary.",
            "No request is lost: what is under way is answered, what comes then is closed without",
            "an answer, and clients see a pause while they connect to the other node."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  tidemark switchover r0 --to beta --config t.toml --node alpha"})
final class SwitchoverCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Parameters(paramLabel = "RESOURCE", description = "The resource's name.")
    private String resource = "";

    @Option(
            names = "--to",
            paramLabel = "NODE",
            required = true,
            description = "The replica that becomes primary.")
    private String to = "";

    @Mixin private Target target = new Target();

    @Option(names = "--dry-run", description = "Only look whether it is possible.")
    private boolean dryRun;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws AdminException {
        final PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        final AdminClient node = target.connect();
        final ObjectNode arguments =
                AdminJson.object().put("resource", resource).put("to", to).put("dry_run", dryRun);
        final long epoch =
                node.call("demote", arguments, AdminClient.DEFAULT_TIMEOUT).path("epoch").asLong();
        if (dryRun) {
            out.println(
                    "%s would end epoch %d of %s, and %s go on"
                            .formatted(target.node(), epoch, resource, to));
            out.flush();
            return ExitStatus.OK;
        }
        final ResourceStatus after =
                new RoleWait(node, resource, out)
                        .until(
                                status ->
                                        status.state().equals("following")
                                                && status.epoch() > epoch,
                                LIMIT,
                                "The epoch may have ended already, for "
                                        + to
                                        + " to go on: look at its status there");
        out.println(
                "%s is primary of %s in epoch %d, %s follows"
                        .formatted(to, resource, after.epoch(), target.node()));
        out.flush();
        return ExitStatus.OK;
    }
}
