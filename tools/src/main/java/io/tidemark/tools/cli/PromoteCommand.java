package io.tidemark.tools.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.tools.admin.AdminClient;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.AdminJson;
import io.tidemark.tools.admin.PromotePreview;
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

/** {@code tidemark promote}: makes a node the primary, after it has shown what that may lose. */
@Command(
        name = "promote",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a node the primary of a resource.",
            "Shows first what may be lost, and asks on a terminal. Unattended it needs --yes.",
            "A log that is damaged and that no peer can mend (state mending) is ended before the "
                    + "damage by --force; what lies beyond is kept as a branch."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  tidemark promote r0 --config t.toml --node beta --dry-run",
            "  tidemark promote r0 --config t.toml --node beta --force --yes"
        })
final class PromoteCommand implements Callable<Integer> {
    /** How long it may stay in one state; that it applies what is recorded is seen to move. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @Parameters(paramLabel = "RESOURCE", description = "The resource's name.")
    private String resource = "";

    @Mixin private Target target = new Target();

    @Option(
            names = "--force",
            description = "Also if the node cannot rule out that something is lost.")
    private boolean force;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(names = "--dry-run", description = "Only show what would happen.")
    private boolean dryRun;

    @Spec private @Nullable CommandSpec spec;

    private final Confirmation confirmation;

    PromoteCommand() {
        this(Confirmation.console());
    }

    PromoteCommand(final Confirmation confirmation) {
        this.confirmation = confirmation;
    }

    @Override
    public Integer call() throws AdminException {
        final PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        final AdminClient node = target.connect();
        final ObjectNode arguments =
                AdminJson.object().put("resource", resource).put("force", force);
        final PromotePreview preview =
                AdminJson.record(
                        node.call("promote-preview", arguments, AdminClient.DEFAULT_TIMEOUT),
                        PromotePreview.class);
        preview.lines().forEach(out::println);
        out.flush();
        if (!preview.allowed()) {
            throw new CommandException(
                    target.node() + " cannot become primary of " + resource + ". See above",
                    ExitStatus.FAILED);
        }
        if (dryRun) {
            return ExitStatus.OK;
        }
        if (preview.needsForce() && !force) {
            throw new CommandException(
                    "promoting "
                            + target.node()
                            + " may lose what is shown above. Repeat with --force to accept that",
                    ExitStatus.FAILED);
        }
        if (!yes) {
            confirmation.require("Make " + target.node() + " the primary of " + resource + "?");
        }
        node.call("promote", arguments, AdminClient.DEFAULT_TIMEOUT);
        new RoleWait(node, resource, out)
                .until(
                        status ->
                                status.role().equals("primary") && status.state().equals("serving"),
                        TIMEOUT,
                        "It becomes primary when what it waits for is there");
        out.println(target.node() + " is primary of " + resource);
        out.flush();
        return ExitStatus.OK;
    }
}
