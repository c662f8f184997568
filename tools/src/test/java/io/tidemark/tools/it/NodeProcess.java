package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.admin.AdminClient;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.ResourceStatus;
import io.tidemark.tools.cli.Tidemark;
import io.tidemark.tools.client.NbdClient;
import io.tidemark.tools.config.NodeSettings;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One node of a test as a child process, started from the test's own class path with the options of
 * the launch scripts. It may be started, killed and started again; all its lives write to one log
 * file.
 */
final class NodeProcess {
    private static final Duration START_LIMIT = Duration.ofSeconds(40);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(40);
    private static final List<String> JVM =
            List.of(
                    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                    "--add-opens=java.base/java.util.zip=ALL-UNNAMED",
                    "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                    "--enable-native-access=ALL-UNNAMED",
                    "-ea",
                    "-XX:+UseSerialGC",
                    "-Xmx96m",
                    "-XX:MaxDirectMemorySize=512m",
                    "-XX:+ExitOnOutOfMemoryError",
                    "-XX:TieredStopAtLevel=1");

    private final NodeSettings settings;
    private final Path config;
    private final Path log;
    private @Nullable Process process;
    private long lifeStart;
    private boolean started;
    private final List<String> jvmOptions = new ArrayList<>();

    NodeProcess(NodeSettings settings, Path config, Path log) {
        this.settings = settings;
        this.config = config;
        this.log = log;
    }

    /** The JVMs that are started from now on get these options too. */
    NodeProcess jvmOptions(List<String> options) {
        jvmOptions.addAll(options);
        return this;
    }

    String name() {
        return settings.name();
    }

    NodeSettings settings() {
        return settings;
    }

    /** HOST:PORT of its NBD server. */
    String nbdAddress() {
        return settings.nbd().toString();
    }

    SocketAddress nbd() {
        return settings.nbd().socketAddress();
    }

    NbdClient connect(String export) throws IOException {
        return NbdClient.connect(nbd(), export);
    }

    /**
     * Starts the node and returns at once.
     *
     * @param role {@code primary}, {@code replica}, or {@code node} for the role that it remembers
     */
    NodeProcess start(String role) throws IOException {
        assertThat(isAlive()).as("%s runs", name()).isFalse();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM);
        command.addAll(jvmOptions);
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), Tidemark.class.getName()));
        command.addAll(List.of("node", config.toString(), name()));
        if (!role.equals("node")) {
            command.addAll(List.of("--role", role));
        }
        note("---- start as " + role);
        lifeStart = Files.size(log);
        started = true;
        process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        return this;
    }

    NodeProcess awaitReady() throws InterruptedException {
        return awaitLine(line -> line.startsWith("ready " + name()), "ready");
    }

    /** Waits until this life of the node has printed such a line. */
    NodeProcess awaitLine(Predicate<String> wanted, String what) throws InterruptedException {
        Await.until(
                name() + " prints: " + what,
                START_LIMIT,
                () -> {
                    boolean alive = isAlive();
                    if (lines().stream().anyMatch(wanted)) {
                        return true;
                    }
                    if (!alive) {
                        throw new InterruptedException(name() + " has ended: " + lines());
                    }
                    return false;
                },
                this::lines);
        return this;
    }

    /** What this life of the node has printed. */
    List<String> lines() throws IOException {
        String all = Files.readString(log);
        return all.substring((int) Math.min(lifeStart, all.length())).lines().toList();
    }

    ResourceStatus status(String resource) throws AdminException {
        return new AdminClient(settings.adminSocket())
                .status()
                .resource(resource)
                .orElseThrow(() -> new AssertionError("no resource " + resource));
    }

    /** Whether it has ended although nobody asked it to. */
    boolean hasDied() {
        return started && !isAlive();
    }

    boolean isAlive() {
        Process running = process;
        return running != null && running.isAlive();
    }

    long pid() {
        return running().pid();
    }

    /** Sends a signal by its name, like STOP, CONT, KILL. */
    void signal(String signal) throws IOException, InterruptedException {
        note("---- SIG" + signal);
        if (signal.equals("KILL")) {
            started = false;
        }
        String pid = Long.toString(pid());
        assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
    }

    /** SIGKILL; returns when the process is gone. */
    void kill() throws IOException {
        Process running = process;
        started = false;
        if (running != null && running.isAlive()) {
            note("---- SIGKILL");
            running.destroyForcibly().onExit().join();
        }
    }

    /** SIGTERM, without waiting. */
    void terminate() throws IOException {
        note("---- SIGTERM");
        started = false;
        running().destroy();
    }

    /** SIGTERM; the node must end in time with exit status 0. */
    void stop() throws IOException, InterruptedException {
        terminate();
        assertThat(awaitExit()).as("exit status of %s: %s", name(), lines()).isZero();
    }

    /** Waits for the end and returns the exit status. */
    int awaitExit() throws InterruptedException {
        assertThat(running().waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS))
                .as("%s has ended", name())
                .isTrue();
        return running().exitValue();
    }

    private Process running() {
        Process running = process;
        if (running == null) {
            throw new AssertionError(name() + " was never started");
        }
        return running;
    }

    private void note(String line) throws IOException {
        Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    String log() throws IOException {
        return Files.exists(log) ? Files.readString(log) : "";
    }
}
