package io.tidemark.tools.demo;

import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.ResourceStatus;
import io.tidemark.tools.config.NbdAddress;
import io.tidemark.tools.config.NodeSettings;
import io.tidemark.tools.config.TidemarkConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The demo to look at: runs until Ctrl-C, which stops both nodes in order and ends the process with
 * exit status 0.
 */
public final class LiveDemo {
    private static final Duration TERMINAL_INTERVAL = Duration.ofMillis(500);
    private static final Duration FILE_INTERVAL = Duration.ofSeconds(5);
    private static final long DISK_BYTES = 1L << 30;

    private final DemoFiles files;
    private final Path bin;
    private final PrintWriter out;
    private final boolean terminal;

    /**
     * Prepares a demo.
     *
     * @param folder where its files are kept
     * @param bin folder of the launch scripts
     * @param terminal whether the output can be overwritten
     */
    public LiveDemo(
            final Path folder, final Path bin, final PrintWriter out, final boolean terminal) {
        this.files = new DemoFiles(folder);
        this.bin = bin;
        this.out = out;
        this.terminal = terminal;
    }

    /**
     * Runs until a node ends by itself, which is a failure; a signal ends the process from the
     * shutdown hook.
     */
    public void run(final int basePort, final int nbdPort)
            throws IOException, InterruptedException {
        final TidemarkConfig config = files.prepare(basePort, nbdPort);
        Preflight.check(config, files.folder(), DISK_BYTES);
        say("starting two nodes, files in " + files.folder());
        final NodePair pair = NodePair.start(bin, files, config);
        final Thread hook = new Thread(() -> stopAndHalt(pair), "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            pair.awaitReady();
            files.rememberStart();
            introduce(pair.primary().settings(), config);
            follow(pair);
        } catch (final DemoException e) {
            if (!takeOver(hook)) {
                // A signal came first and its hook stops the nodes: their end is no failure.
                hook.join();
                return;
            }
            pair.stop();
            throw e;
        }
    }

    /** False if the hook runs already. */
    private static boolean takeOver(final Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException shuttingDown) {
            return false;
        }
    }

    /**
     * A JVM that ends by a signal would say so by its exit status, but this end is the one that was
     * asked for.
     */
    private void stopAndHalt(final NodePair pair) {
        say((terminal ? "\n" : "") + "stopping ...");
        final boolean clean = pair.stop();
        say(clean ? "stopped" : "stopped, but not cleanly. See the logs in " + files.folder());
        Runtime.getRuntime().halt(clean ? 0 : 1);
    }

    private void introduce(final NodeSettings primary, final TidemarkConfig config) {
        final String uri = primary.nbd().uri(DemoFiles.RESOURCE);
        say("");
        say("  volume  " + uri);
        say("  look    qemu-img info " + uri);
        say("  copy    nbdcopy --flush disk.img " + uri);
        if (primary.nbd() instanceof NbdAddress.Tcp tcp) {
            say(
                    "  attach  nbd-client -N %s %s %d /dev/nb0   (as root, after modprobe nbd; the device may be called /dev/nbd0)"
                            .formatted(DemoFiles.RESOURCE, tcp.host(), tcp.port()));
        }
        say(
                "  status  %s status --config %s --node %s"
                        .formatted(bin.resolve("tidemark"), config.file(), primary.name()));
        say("  logs    " + files.log(DemoFiles.FIRST) + ", " + files.log(DemoFiles.SECOND));
        say("");
        say("Ctrl-C stops both nodes; started again they go on with the same data.");
        say("");
    }

    private void follow(final NodePair pair) throws InterruptedException {
        final LiveLine line = new LiveLine();
        final Duration interval = terminal ? TERMINAL_INTERVAL : FILE_INTERVAL;
        final CompletableFuture<Object> anyEnd =
                CompletableFuture.anyOf(pair.first().onExit(), pair.second().onExit());
        while (true) {
            show(line.next(status(pair.first()), status(pair.second()), System.nanoTime()));
            if (ended(anyEnd, interval)) {
                final ChildNode dead = pair.first().isAlive() ? pair.second() : pair.first();
                if (terminal) {
                    say("");
                }
                throw dead.died();
            }
        }
    }

    private static boolean ended(final CompletableFuture<Object> end, final Duration within)
            throws InterruptedException {
        try {
            end.get(within.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (final TimeoutException e) {
            return false;
        } catch (final ExecutionException e) {
            throw new IllegalStateException("waiting for a process does not fail", e);
        }
    }

    private static @Nullable ResourceStatus status(final ChildNode node) {
        try {
            return node.status();
        } catch (final AdminException e) {
            return null;
        }
    }

    private void show(final String line) {
        if (terminal) {
            // Back to the start of the line, and clear what is left of a longer one.
            out.print("\r" + line + "\u001b[K");
            out.flush();
        } else {
            say(line);
        }
    }

    private void say(final String line) {
        out.println(line);
        out.flush();
    }
}
