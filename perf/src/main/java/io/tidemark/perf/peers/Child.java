package io.tidemark.perf.peers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A child process whose output goes to a file. Ends with its parent, also when that one is killed.
 */
public final class Child implements AutoCloseable {
    private static final long START_MS = 60_000;
    private static final long STOP_SECONDS = 60;
    private static final long POLL_MS = 20;

    private final String name;
    private final Path log;
    private final Process process;
    private final Thread killer;

    private Child(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
        this.killer = new Thread(process::destroyForcibly, "kill-" + name);
        Runtime.getRuntime().addShutdownHook(killer);
    }

    /**
     * Starts a program; it must stay in the foreground, so that its pid is the process measured.
     */
    public static Child start(String name, Path folder, List<String> command) {
        List<String> line = new ArrayList<>();
        find("setpriv")
                .ifPresent(path -> line.addAll(List.of(path.toString(), "--pdeathsig", "KILL")));
        line.addAll(command);
        Path log = folder.resolve(name + ".log");
        try {
            ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
            builder.redirectOutput(log.toFile()).redirectInput(new File("/dev/null"));
            builder.environment().put("TIDEMARK_NO_BUILD", "1");
            return new Child(name, log, builder.start());
        } catch (IOException e) {
            throw new PeerException(name + " cannot be started: " + e.getMessage());
        }
    }

    /** Where a program is, if it is installed. */
    public static Optional<Path> find(String program) {
        String path = System.getenv("PATH") + ":/usr/sbin:/sbin";
        return Arrays.stream(path.split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Waits until something holds; fails when the process ends or takes too long. */
    public void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MS);
        while (!condition.getAsBoolean()) {
            if (!process.isAlive()) {
                throw new PeerException(
                        name
                                + " ended with status "
                                + process.exitValue()
                                + ". Its log: "
                                + log
                                + ": "
                                + tail());
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new PeerException(
                        name + ": waited in vain for " + what + ". Its log: " + log);
            }
            Thread.sleep(POLL_MS);
        }
    }

    private String tail() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join(" | ", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    public String name() {
        return name;
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** Asks it to end, then insists. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (IllegalStateException shuttingDown) {
            // Then the hook runs, and finds the process gone.
        }
    }
}
