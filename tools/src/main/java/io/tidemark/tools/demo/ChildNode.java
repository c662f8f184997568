package io.tidemark.tools.demo;

import io.tidemark.tools.admin.AdminClient;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.ResourceStatus;
import io.tidemark.tools.config.NodeSettings;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A node as a child process. A pump thread copies its output to a log file and watches for the line
 * that says it is ready; all else runs on the caller's thread.
 */
final class ChildNode {
    private static final int KEPT_LINES = 12;
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

    private final NodeSettings settings;
    private final Path log;
    private final Process process;
    private final CompletableFuture<String> ready = new CompletableFuture<>();
    private final Deque<String> lastLines = new ArrayDeque<>();
    private final Thread pump;

    private ChildNode(final NodeSettings settings, final Path log, final Process process) {
        this.settings = settings;
        this.log = log;
        this.process = process;
        this.pump = Thread.ofPlatform().daemon().name("log-" + settings.name()).start(this::pump);
    }

    /**
     * Starts a launch script.
     *
     * @param script one of the launch scripts; it ends in exec, so the process is the node
     */
    static ChildNode start(
            final Path script, final Path config, final NodeSettings settings, final Path log)
            throws IOException {
        final List<String> command = new ArrayList<>();
        // A session of its own: Ctrl-C must reach the demo only, which then stops the nodes in
        // order. And the death of the demo
        // must be the end of its nodes, however it died.
        Programs.find("setsid").ifPresent(setsid -> command.add(setsid.toString()));
        Programs.find("setpriv")
                .ifPresent(
                        setpriv ->
                                command.addAll(List.of(setpriv.toString(), "--pdeathsig", "TERM")));
        command.addAll(List.of(script.toString(), config.toString(), settings.name()));
        final ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("TIDEMARK_NO_BUILD", "1");
        return new ChildNode(settings, log, builder.start());
    }

    NodeSettings settings() {
        return settings;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    CompletableFuture<Process> onExit() {
        return process.onExit();
    }

    /** Blocks until the node has printed its ready line, and returns that. */
    String awaitReady(final Duration timeout) throws InterruptedException {
        try {
            return ready.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (final TimeoutException e) {
            throw new DemoException(
                    "node %s was not ready within %d s. Its log is %s, its last lines: %s"
                            .formatted(settings.name(), timeout.toSeconds(), log, tail()));
        } catch (final ExecutionException e) {
            throw died();
        }
    }

    /** What to say about a node that ended by itself. */
    DemoException died() {
        joinPump();
        final String status = process.isAlive() ? "" : " with exit status " + process.exitValue();
        return new DemoException(
                "node %s ended%s. Its log is %s, its last lines: %s"
                        .formatted(settings.name(), status, log, tail()));
    }

    /** The demo's resource as the node sees it. */
    ResourceStatus status() throws AdminException {
        return new AdminClient(settings.adminSocket())
                .status()
                .resource(DemoFiles.RESOURCE)
                .orElseThrow(() -> new AdminException("no resource " + DemoFiles.RESOURCE));
    }

    /**
     * Stops it cleanly; true if it ended with exit status 0. May be called by any thread, and
     * again.
     */
    boolean stop() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
                return false;
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
            return false;
        }
        return process.exitValue() == 0;
    }

    /** SIGKILL: what a crash of the process looks like. Returns when it is gone. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    private void pump() {
        try (BufferedReader lines = process.inputReader();
                BufferedWriter out =
                        Files.newBufferedWriter(
                                log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (@Nullable String line = lines.readLine(); line != null; line = lines.readLine()) {
                out.write(line);
                out.newLine();
                out.flush();
                keep(line);
                if (line.startsWith("ready " + settings.name() + " " + DemoFiles.RESOURCE)) {
                    ready.complete(line);
                }
            }
        } catch (final IOException e) {
            keep("(its output cannot be copied to " + log + ": " + e.getMessage() + ")");
        }
        ready.completeExceptionally(new IOException("the output ended"));
    }

    private void keep(final String line) {
        synchronized (lastLines) {
            if (lastLines.size() == KEPT_LINES) {
                lastLines.removeFirst();
            }
            lastLines.addLast(line);
        }
    }

    private String tail() {
        synchronized (lastLines) {
            return lastLines.isEmpty() ? "(none)" : String.join(" | ", lastLines);
        }
    }

    /** The process may be gone before its last lines are read. */
    private void joinPump() {
        try {
            process.onExit().get(5, TimeUnit.SECONDS);
            pump.join(Duration.ofSeconds(5));
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (final ExecutionException | TimeoutException e) {
            // Then the lines that are there must do.
            keep("(it still runs)");
        }
    }
}
