package io.tidemark.perf;

import io.tidemark.perf.peers.PeerException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Entry point of {@code tools/bin/perf}. */
@Command(
        name = "perf",
        mixinStandardHelpOptions = true,
        description = "Measures Tidemark. docs/perf.md says what the figures mean.",
        subcommands = {CompareCommand.class, IdleCommand.class, CommandLine.HelpCommand.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  perf compare --rounds 5 --seconds 2",
            "  perf compare --workloads W1,W3 --candidates tidemark-C,quorum --json result.json",
            "  perf idle",
            "  perf jmh -prof gc ExtentMap           (all else goes to JMH)"
        })
public final class Perf implements Runnable {
    @Spec private @Nullable CommandSpec spec;

    /** Runs a command and ends the process with its exit status. */
    public static void main(String[] args) {
        System.exit(
                new CommandLine(new Perf())
                        .setExecutionExceptionHandler((e, line, parsed) -> failed(e, line))
                        .execute(args));
    }

    private static int failed(Exception e, CommandLine line) throws Exception {
        switch (e) {
            case PeerException expected -> line.getErr().println("perf: " + expected.getMessage());
            case IOException expected -> line.getErr().println("perf: " + expected);
            default -> throw e;
        }
        return 1;
    }

    /** Folder of the launch scripts, as the script that started this process says. */
    static Path bin() {
        String bin = System.getProperty("tidemark.bin");
        if (bin == null) {
            throw new PeerException("start this with tools/bin/perf");
        }
        return Path.of(bin);
    }

    @Override
    public void run() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(), "no command given");
    }
}
