package io.tidemark.tools.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.tools.cli.Tidemark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A command as a user runs it, in a process of its own.
 *
 * @param output what it printed, errors too
 * @param status its exit status
 */
record CommandRun(String output, int status) {
    /** Runs {@code tidemark WORDS} against a node. */
    static CommandRun of(NodeProcess node, Path config, String... words)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), Tidemark.class.getName()));
        command.addAll(List.of(words));
        command.addAll(List.of("--config", config.toString(), "--node", node.name()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        int status = process.waitFor();
        System.out.print(String.join(" ", words) + " at " + node.name() + ": " + output);
        return new CommandRun(output, status);
    }
}
