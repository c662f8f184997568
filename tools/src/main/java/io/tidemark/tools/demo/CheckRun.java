package io.tidemark.tools.demo;

import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.ResourceStatus;
import io.tidemark.tools.config.Quantities;
import io.tidemark.tools.config.TidemarkConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The demo put to the test: a file system through the primary, load, SIGKILL, promotion, and
 * everything that was acknowledged must be on the other node. One method per step, each prints one
 * line of the report; the first step that fails ends it.
 */
final class CheckRun {
    private static final long MIN_WRITES = 500;
    private static final Duration LOAD_TIME = Duration.ofSeconds(3);
    private static final Duration STEP_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final double NS_PER_SECOND = 1e9;

    private final DemoFiles files;
    private final TidemarkConfig config;
    private final Path bin;
    private final PrintWriter out;

    CheckRun(
            final DemoFiles files,
            final TidemarkConfig config,
            final Path bin,
            final PrintWriter out) {
        this.files = files;
        this.config = config;
        this.bin = bin;
        this.out = out;
    }

    void run() throws IOException, InterruptedException {
        final FileSystemImage image = FileSystemImage.make(files.folder());
        final String checksum = FileSystemImage.sha256(image.file(), FileSystemImage.BYTES);
        report(
                "image",
                "ext4, %s, %d files of %s, sha256 %s"
                        .formatted(
                                Quantities.text(FileSystemImage.BYTES),
                                image.files(),
                                Quantities.text(image.contentBytes()),
                                checksum.substring(0, 16)));
        try (NodePair pair = NodePair.start(bin, files, config)) {
            final Thread hook = new Thread(pair::close, "kill");
            Runtime.getRuntime().addShutdownHook(hook);
            pair.awaitReady();
            report("ready", "alpha is primary, beta is replica");
            copyIn(pair, image);
            awaitInSync(pair);
            final Path copy = files.folder().resolve("read-back.img");
            try (Load load = startLoad(pair)) {
                killPrimary(pair, load);
                promote(pair);
                readBack(pair, copy);
                compareFileSystem(copy, checksum);
                compareBlocks(load, copy);
            }
            if (!pair.second().stop()) {
                throw new DemoException("beta did not stop cleanly. See " + files.log("beta"));
            }
            report("stop", "beta, cleanly");
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private void copyIn(final NodePair pair, final FileSystemImage image)
            throws IOException, InterruptedException {
        final String uri = pair.first().settings().nbd().uri(DemoFiles.RESOURCE);
        final long start = System.nanoTime();
        Programs.run("nbdcopy", "--flush", image.file().toString(), uri);
        report("copy in", "nbdcopy --flush to %s in %s".formatted(uri, since(start)));
    }

    private void awaitInSync(final NodePair pair) throws InterruptedException {
        final ResourceStatus status =
                await(
                        pair.first(),
                        "beta in sync",
                        now ->
                                now.peers().stream()
                                        .anyMatch(
                                                peer ->
                                                        peer.node().equals(DemoFiles.SECOND)
                                                                && peer.inSync()));
        report(
                "in sync",
                "beta, epoch %d, lag %s"
                        .formatted(
                                status.epoch(),
                                Quantities.text(status.peers().getFirst().lagBytes())));
    }

    private Load startLoad(final NodePair pair) {
        final long end = config.resources().getFirst().volumes().getFirst().sizeBytes();
        final long run = new SecureRandom().nextLong();
        return new Load(
                pair.first().settings().nbd().socketAddress(), FileSystemImage.BYTES, end, run);
    }

    private void killPrimary(final NodePair pair, final Load load) throws InterruptedException {
        load.await(MIN_WRITES, LOAD_TIME, STEP_TIMEOUT);
        pair.first().kill();
        load.awaitEnd();
        report(
                "kill",
                "alpha with SIGKILL after %d acknowledged writes of up to 128 KiB"
                        .formatted(load.acknowledged()));
    }

    private void promote(final NodePair pair) throws IOException, InterruptedException {
        final long start = System.nanoTime();
        Programs.run(
                bin.resolve("tidemark").toString(),
                List.of(
                                "promote",
                                DemoFiles.RESOURCE,
                                "--force",
                                "--yes",
                                "--config",
                                files.config().toString(),
                                "--node",
                                DemoFiles.SECOND)
                        .toArray(String[]::new));
        final ResourceStatus status =
                await(
                        pair.second(),
                        "beta serving",
                        now -> now.role().equals("primary") && now.state().equals("serving"));
        report("promote", "beta, epoch %d, in %s".formatted(status.epoch(), since(start)));
    }

    private void readBack(final NodePair pair, final Path copy)
            throws IOException, InterruptedException {
        final String uri = pair.second().settings().nbd().uri(DemoFiles.RESOURCE);
        final long start = System.nanoTime();
        Programs.run("nbdcopy", uri, copy.toString());
        report("copy out", "nbdcopy from %s in %s".formatted(uri, since(start)));
    }

    private void compareFileSystem(final Path copy, final String checksum)
            throws IOException, InterruptedException {
        final String found = FileSystemImage.sha256(copy, FileSystemImage.BYTES);
        if (!found.equals(checksum)) {
            throw new DemoException(
                    "the file system differs: sha256 %s was written, %s read"
                            .formatted(checksum, found));
        }
        Programs.run("e2fsck", "-f", "-n", copy.toString());
        report("compare", "file system: sha256 equal, e2fsck clean");
    }

    private void compareBlocks(final Load load, final Path copy) throws IOException {
        final BlockLedger.Verdict verdict = load.verify(copy);
        if (!verdict.good()) {
            throw new DemoException(
                    "%d blocks of %d acknowledged writes are not what was acknowledged, %d unanswered writes are there in part"
                            .formatted(verdict.missing(), verdict.acknowledged(), verdict.torn()));
        }
        report(
                "compare",
                "all of %d acknowledged writes are there".formatted(verdict.acknowledged()));
    }

    private static ResourceStatus await(
            final ChildNode node, final String what, final Predicate<ResourceStatus> condition)
            throws InterruptedException {
        final long deadline = System.nanoTime() + STEP_TIMEOUT.toNanos();
        @Nullable ResourceStatus last = null;
        while (System.nanoTime() < deadline) {
            if (!node.isAlive()) {
                throw node.died();
            }
            try {
                last = node.status();
                if (condition.test(last)) {
                    return last;
                }
            } catch (final AdminException e) {
                // It may be busy; that it is alive is asked above, and the deadline bounds the
                // rest.
                last = null;
            }
            Thread.sleep(POLL);
        }
        throw new DemoException(
                "waited %d s for %s. %s says: %s"
                        .formatted(STEP_TIMEOUT.toSeconds(), what, node.settings().name(), last));
    }

    private static String since(final long startNs) {
        return "%.1f s".formatted((System.nanoTime() - startNs) / NS_PER_SECOND);
    }

    private void report(final String step, final String what) {
        out.printf("  %-9s %s%n", step, what);
        out.flush();
    }
}
