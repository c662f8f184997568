package io.tidemark.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.FakeNode;
import io.tidemark.tools.admin.AdminServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TidemarkTest {
    @TempDir private Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path config = Path.of("");
    private @Nullable AdminServer node;

    @BeforeEach
    void startANode() throws IOException {
        config =
                Files.writeString(
                        folder.resolve("t.toml"),
                        """
                        [nodes.beta]
                        address = "127.0.0.1"
                        port = 7400
                        directory = "beta"
                        nbd = "unix:beta.nbd"
                        [resources.r0.volumes.0]
                        size = "1 MiB"
                        partitions.beta = "beta.img"
                        """);
        node =
                AdminServer.start(
                        folder.resolve("beta/admin.sock"),
                        new FakeNode("beta", "alpha", "replica", folder.resolve("beta.img")));
    }

    @AfterEach
    void stopIt() {
        if (node != null) {
            node.close();
        }
    }

    @Test
    void statusShowsATable() {
        assertThat(run("status", "--config", config.toString(), "--node", "beta")).isZero();

        assertThat(out.toString())
                .isEqualTo(
                        """
                        r0  replica, live, epoch 1, protocol C
                            node   state  in-sync  appended  recorded  durable  committed  applied  checkpoint  lag
                            beta   live                8192      8192     8192       4096     4096           0
                            alpha  live   yes          8192      8192     8192       4096     4096           0  1.5 KiB, 0.3 s
                        """);
    }

    @Test
    void statusAsJsonIsWhatTheNodeSaid() {
        assertThat(run("status", "--json", "--config", config.toString(), "--node", "beta"))
                .isZero();

        assertThat(out.toString()).contains("\"lag_bytes\" : 1536");
    }

    @Test
    void promotingAsksForForceWhenSomethingMayBeLost() {
        assertThat(promote("--yes")).isEqualTo(1);

        assertThat(out.toString()).isEqualTo("alpha was last heard 3 s ago at 4096\n");
        assertThat(err.toString()).contains("Repeat with --force");
        assertThat(role()).isEqualTo("replica");
    }

    @Test
    void promotingUnattendedNeedsYes() {
        assertThat(promote("--force")).isEqualTo(2);

        assertThat(err.toString())
                .isEqualTo("tidemark: nobody is there to confirm. Repeat with --yes.\n");
        assertThat(role()).isEqualTo("replica");
    }

    @Test
    void aDryRunChangesNothing() {
        assertThat(promote("--force", "--yes", "--dry-run")).isZero();

        assertThat(out.toString()).contains("alpha was last heard");
        assertThat(role()).isEqualTo("replica");
    }

    @Test
    void forcedAndConfirmedItPromotes() {
        assertThat(promote("--force", "--yes")).isZero();

        assertThat(out.toString()).endsWith("beta is primary of r0\n");
        assertThat(role()).isEqualTo("primary");
    }

    @Test
    void aNodeThatIsNotThereIsOneLine() {
        stopIt();

        assertThat(run("status", "--config", config.toString(), "--node", "beta")).isEqualTo(1);
        assertThat(err.toString()).startsWith("tidemark: no node answers at ").hasLineCount(1);
    }

    @Test
    void aWrongConfigurationIsExitStatusTwo() throws Exception {
        Files.writeString(config, "[node]\n");

        assertThat(run("node", config.toString(), "beta")).isEqualTo(2);
        assertThat(err.toString())
                .isEqualTo(
                        "tidemark: "
                                + config
                                + ":1:1: unknown key 'node'. Did you mean 'nodes'?\n");
    }

    @Test
    void wrongUsageIsExitStatusTwoAndNamesTheHelp() {
        assertThat(run("status", "--moon")).isEqualTo(2);
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString())
                .contains("See 'tidemark status --help'")
                .contains("no command given");
    }

    @Test
    void everyCommandHasHelpWithExamples() {
        final CommandLine line = Tidemark.commandLine();
        for (final String command : line.getSubcommands().keySet()) {
            if (!command.equals("help")) {
                assertThat(line.getSubcommands().get(command).getUsageMessage())
                        .contains("Examples:");
            }
        }
    }

    private int promote(final String... options) {
        final Stream<String> args =
                Stream.of("promote", "r0", "--config", config.toString(), "--node", "beta");
        return run(Stream.concat(args, Stream.of(options)).toArray(String[]::new));
    }

    private String role() {
        run("status", "--config", config.toString(), "--node", "beta");
        return out.toString().contains("r0  primary") ? "primary" : "replica";
    }

    private int run(final String... args) {
        return Tidemark.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
