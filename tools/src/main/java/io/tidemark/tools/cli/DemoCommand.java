package io.tidemark.tools.cli;

import io.tidemark.tools.demo.CheckDemo;
import io.tidemark.tools.demo.LiveDemo;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tidemark demo}: two nodes on this host. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a primary and a replica on this host, on files in a folder, until Ctrl-C.",
            "With --check it puts them to the test by itself: a file system is copied in, the primary is killed under load, the"
                    + " replica is promoted and must hold everything that was acknowledged."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  tidemark demo",
            "  tidemark demo --dir /srv/demo --base-port 8400 --nbd-port 10819",
            "  tidemark demo --check"
        })
final class DemoCommand implements Callable<Integer> {
    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description =
                    "Folder of all files: ./demo; with --check, where its fresh folder is made.")
    private @Nullable Path dir;

    @Option(
            names = "--base-port",
            paramLabel = "PORT",
            description =
                    "First UDP port of alpha; beta's is 100 higher. 7400, with --check any free one.")
    private int basePort;

    @Option(
            names = "--nbd-port",
            paramLabel = "PORT",
            description = "NBD port of alpha; beta has the next. 10809, with --check any free one.")
    private int nbdPort;

    @Option(names = "--check", description = "Run unattended, report, exit with 0 or 1.")
    private boolean check;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        final PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (check) {
            final Path parent = dir == null ? Path.of(System.getProperty("java.io.tmpdir")) : dir;
            new CheckDemo(bin(), out).run(parent, basePort, nbdPort);
        } else {
            new LiveDemo(dir == null ? Path.of("demo") : dir, bin(), out, Confirmation.onTerminal())
                    .run(basePort, nbdPort);
        }
        return ExitStatus.OK;
    }

    /** The script that started this process says where it and the others are. */
    private static Path bin() {
        final @Nullable String bin = System.getProperty("tidemark.bin");
        if (bin == null) {
            throw new CommandException(
                    "the launch scripts are not known. Start the demo with tools/bin/tidemark",
                    ExitStatus.FAILED);
        }
        return Path.of(bin);
    }
}
