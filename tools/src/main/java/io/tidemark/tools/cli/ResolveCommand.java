package io.tidemark.tools.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.tools.admin.AdminClient;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.AdminJson;
import io.tidemark.tools.admin.ResolvePreview;
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

/** {@code tidemark resolve}: one side of a divergence is given up. */
@Command(
        name = "resolve",
        mixinStandardHelpOptions = true,
        description = {
            "Ends a divergence: a node gives up what only its log holds, and follows the primary.",
            "Shows first what that is, and asks on a terminal. Unattended it needs --yes. What is",
            "given up is kept as a branch; the partition is made anew from the log. Ask the node",
            "whose side goes."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  tidemark resolve r0 --discard beta --config t.toml --node beta --dry-run",
            "  tidemark resolve r0 --discard beta --config t.toml --node beta --yes"
        })
final class ResolveCommand implements Callable<Integer> {
    /** How long it may stay in one state. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @Parameters(paramLabel = "RESOURCE", description = "The resource's name.")
    private String resource = "";

    @Option(
            names = "--discard",
            paramLabel = "NODE",
            required = true,
            description = "The node whose side is given up: the one that is asked.")
    private String loser = "";

    @Mixin private Target target = new Target();

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(names = "--dry-run", description = "Only show what would happen.")
    private boolean dryRun;

    @Spec private @Nullable CommandSpec spec;

    private final Confirmation confirmation;

    ResolveCommand() {
        this(Confirmation.console());
    }

    ResolveCommand(final Confirmation confirmation) {
        this.confirmation = confirmation;
    }

    @Override
    public Integer call() throws AdminException {
        final PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (!loser.equals(target.node())) {
            throw new CommandException(
                    "a node gives up only its own side. Ask " + loser + ", with --node " + loser,
                    ExitStatus.USAGE);
        }
        final AdminClient node = target.connect();
        final ObjectNode arguments = AdminJson.object().put("resource", resource);
        final ResolvePreview preview =
                AdminJson.record(
                        node.call("resolve-preview", arguments, AdminClient.DEFAULT_TIMEOUT),
                        ResolvePreview.class);
        preview.lines().forEach(out::println);
        out.flush();
        if (!preview.allowed()) {
            throw new CommandException(
                    loser + " has nothing of " + resource + " to give up. See above",
                    ExitStatus.FAILED);
        }
        if (dryRun) {
            return ExitStatus.OK;
        }
        if (!yes) {
            confirmation.require(
                    "Discard what only "
                            + loser
                            + " holds of "
                            + resource
                            + " beyond position "
                            + preview.to()
                            + "?");
        }
        node.call("resolve", arguments.put("to", preview.to()), AdminClient.DEFAULT_TIMEOUT);
        new RoleWait(node, resource, out)
                .until(
                        status -> status.state().equals("following"),
                        TIMEOUT,
                        "Its log says how far it is");
        out.println("%s follows %s".formatted(loser, preview.keep()));
        out.flush();
        return ExitStatus.OK;
    }
}
