package io.tidemark.tools.cli;

import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.config.ConfigException;
import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line's entry point. */
@Command(
        name = "tidemark",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Replicates block devices by replicating the log of their writes.",
        subcommands = {
            NodeCommand.class,
            StatusCommand.class,
            PromoteCommand.class,
            DemoteCommand.class,
            SwitchoverCommand.class,
            ResolveCommand.class,
            DemoCommand.class,
            CommandLine.HelpCommand.class
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done",
            "1:the operation failed or was refused",
            "2:the command line or the configuration is wrong"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  tidemark demo                     two nodes on this host, to try it",
            "  tidemark status --config t.toml --node alpha",
            "  tidemark promote r0 --config t.toml --node beta",
            "  tidemark switchover r0 --to beta --config t.toml --node alpha",
            "",
            "TIDEMARK_CONFIG and TIDEMARK_NODE stand for --config and --node."
        })
public final class Tidemark implements Runnable {
    @Spec private @Nullable CommandSpec spec;

    /** Runs a command and ends the process with its exit status. */
    public static void main(final String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The parser with all commands and the rule how failures are shown. */
    static CommandLine commandLine() {
        return new CommandLine(new Tidemark())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Tidemark::wrongUsage)
                .setExecutionExceptionHandler((e, command, parsed) -> failed(e, command.getErr()));
    }

    @Override
    public void run() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(), "no command given");
    }

    private static int wrongUsage(final ParameterException e, final String[] args) {
        final CommandLine command = e.getCommandLine();
        final String help = command.getCommandSpec().qualifiedName() + " --help";
        command.getErr().println("tidemark: " + sentence(e.getMessage()) + " See '" + help + "'");
        return ExitStatus.USAGE;
    }

    private static int failed(final Exception e, final PrintWriter err) {
        err.println(
                "tidemark: " + sentence(e.getMessage() == null ? e.toString() : e.getMessage()));
        return switch (e) {
            case ConfigException _ -> ExitStatus.USAGE;
            case CommandException command -> command.exitStatus();
            case AdminException admin -> admin.exitStatus();
            default -> ExitStatus.FAILED;
        };
    }

    private static String sentence(final @Nullable String text) {
        final String line = String.valueOf(text).strip().replaceAll("\\s*\\R\\s*", " ");
        return line.matches(".*[.?!:]") ? line : line + ".";
    }
}
