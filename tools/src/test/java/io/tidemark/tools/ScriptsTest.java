package io.tidemark.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be tested of the launch scripts without a build. */
class ScriptsTest {
    private static final Path BIN = Path.of("bin").toAbsolutePath();

    private record Result(int status, String output) {}

    @TempDir private Path folder;

    @Test
    void theJdkThatIsNamedIsTaken() throws Exception {
        final Path home = java("wanted", "25.0.1");

        assertThat(findJava("TIDEMARK_JAVA_HOME=" + home).output()).isEqualTo(home + "\n");
        assertThat(findJava("JAVA_HOME=" + home).output()).isEqualTo(home + "\n");
    }

    @Test
    void aNamedJdkOfAnotherVersionIsRefused() throws Exception {
        final Result result = findJava("TIDEMARK_JAVA_HOME=" + java("old", "17.0.2"));

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.output()).contains("is no Java 25. Correct or unset it");
    }

    @Test
    void aJavaHomeOfAnotherVersionIsPassedOver() throws Exception {
        final Path old = java("old", "2.5");

        assertThat(findJava("JAVA_HOME=" + old).output()).doesNotContain(old.toString());
    }

    @Test
    void launchScriptsWantTwoArguments() throws Exception {
        for (final String name : List.of("primary", "replica", "node")) {
            final Result result = run(BIN.resolve(name).toString(), "only-one");

            assertThat(result.status()).isEqualTo(2);
            assertThat(result.output()).isEqualTo("usage: " + name + " CONFIG NODE\n");
        }
    }

    @Test
    void shellcheckHasNothingToSay() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/shellcheck")), "shellcheck is not installed");
        final Result result =
                run(
                        "bash",
                        "-c",
                        "cd '%s/../..' && shellcheck -x tools/bin/* .ci/run".formatted(BIN));

        assertThat(result.output()).isEmpty();
    }

    private Path java(final String name, final String version) throws IOException {
        final Path home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        final Path java = Files.writeString(home.resolve("bin/java"), "#!/bin/sh\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        return home;
    }

    private static Result findJava(final String variable) throws Exception {
        return run(
                "env",
                "-u",
                "TIDEMARK_JAVA_HOME",
                "-u",
                "JAVA_HOME",
                variable,
                "bash",
                "-euo",
                "pipefail",
                "-c",
                "source '" + BIN + "/common.sh'; find_java");
    }

    private static Result run(final String... command) throws Exception {
        final Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        final String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }
}
