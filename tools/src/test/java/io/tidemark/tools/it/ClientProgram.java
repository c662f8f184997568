package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real NBD client that runs as a child process. */
final class ClientProgram implements AutoCloseable {
    private static final Map<String, String> PACKAGES =
            Map.of("qemu-io", "qemu-utils", "nbdcopy", "libnbd-bin", "fio", "fio");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final List<String> command;
    private final Path output;
    private final Process process;

    private ClientProgram(List<String> command, Path output, Process process) {
        this.command = command;
        this.output = output;
        this.process = process;
    }

    /** Skips the test if one of the programs is not installed. */
    static void assumeInstalled(String... names) {
        for (String name : names) {
            boolean found =
                    List.of(String.valueOf(System.getenv("PATH")).split(":")).stream()
                            .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
            assumeTrue(found, name + " is not installed. apt-get install " + PACKAGES.get(name));
        }
    }

    /** Starts a program in a folder. */
    static ClientProgram start(Path folder, String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(name));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(folder, name, ".out");
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        process.getOutputStream().close();
        return new ClientProgram(command, output, process);
    }

    /** Runs a program to its end, which must be good, and returns its output. */
    static String run(Path folder, String name, String... arguments)
            throws IOException, InterruptedException {
        try (ClientProgram program = start(folder, name, arguments)) {
            return program.awaitSuccess();
        }
    }

    String awaitSuccess() throws IOException, InterruptedException {
        assertThat(process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS))
                .as("%s has ended; its output: %s", command, Files.readString(output))
                .isTrue();
        String text = Files.readString(output);
        assertThat(process.exitValue()).as("%s: %s", command, text).isZero();
        return text;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
