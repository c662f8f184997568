package io.tidemark.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemark.tools.FakeNode;
import io.tidemark.tools.cli.Tidemark;
import io.tidemark.tools.config.TidemarkConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo around fake nodes: processes, ports, kill, promotion and comparison are real. */
class DemoTest {
    @TempDir private Path folder;
    private final StringWriter out = new StringWriter();

    @Test
    void checkPassesOnNodesThatKeepWhatTheyAcknowledge() throws Exception {
        for (final String program : new String[] {"nbdcopy", "qemu-img", "mkfs.ext4", "e2fsck"}) {
            assumeTrue(Programs.find(program).isPresent(), program + " is not installed");
        }
        script("primary", FakeNode.class, "\"$@\" --role primary");
        script("replica", FakeNode.class, "\"$@\" --role replica");
        script("tidemark", Tidemark.class, "\"$@\"");
        final Path parent = folder.resolve("work");

        new CheckDemo(folder, new PrintWriter(out)).run(parent, 0, 0);

        assertThat(out.toString()).contains("sha256 equal, e2fsck clean").endsWith("passed\n");
        try (Stream<Path> left = Files.list(parent)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aNodeThatDiesIsReportedWithItsLastWordsAndExitStatus() throws Exception {
        final DemoFiles files = new DemoFiles(folder.resolve("demo"));
        final TidemarkConfig config = files.prepare(0, 0);
        for (final String name : new String[] {"primary", "replica"}) {
            executable(name, "echo 'no disk today'; exit 7");
        }

        try (NodePair pair = NodePair.start(folder, files, config)) {
            assertThatThrownBy(pair::awaitReady)
                    .isInstanceOf(DemoException.class)
                    .hasMessageContaining("node alpha ended with exit status 7")
                    .hasMessageContaining("no disk today")
                    .hasMessageContaining("alpha.log");
        }
    }

    @Test
    void aTakenPortIsNamedWithTheRemedy() throws Exception {
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            final DemoFiles files = new DemoFiles(folder);
            final TidemarkConfig config = files.prepare(0, taken.getLocalPort());

            assertThatThrownBy(() -> Preflight.check(config, folder, 0))
                    .hasMessageStartingWith(
                            "TCP port " + taken.getLocalPort() + " of node alpha is taken.")
                    .hasMessageContaining("--nbd-port");
        }
    }

    @Test
    void aMissingProgramIsNamedWithItsPackage() {
        assertThatThrownBy(() -> Preflight.programsExist(List.of("no-such-program")))
                .hasMessage("no-such-program is not installed. apt-get install no-such-program");
    }

    @Test
    void theConfigurationIsKeptUnlessOtherPortsAreAskedFor() {
        final DemoFiles files = new DemoFiles(folder);
        assertThat(files.prepare(8400, 0).node("beta").port()).isEqualTo(8500);
        assertThat(files.prepare(0, 0).node("beta").port()).isEqualTo(8500);
        assertThat(files.prepare(9400, 0).node("beta").port()).isEqualTo(9500);
    }

    private void script(final String name, final Class<?> main, final String arguments)
            throws IOException {
        executable(
                name,
                "exec '%s' -XX:TieredStopAtLevel=1 -cp '%s' %s %s"
                        .formatted(
                                Path.of(System.getProperty("java.home"), "bin", "java"),
                                System.getProperty("java.class.path"),
                                main.getName(),
                                arguments));
    }

    private void executable(final String name, final String body) throws IOException {
        final Path script = Files.writeString(folder.resolve(name), "#!/bin/bash\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
