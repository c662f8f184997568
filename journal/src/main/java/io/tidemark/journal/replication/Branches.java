package io.tidemark.journal.replication;

import io.tidemark.journal.apply.Applier;
import java.nio.file.Path;
import org.agrona.concurrent.EpochNanoClock;

/**
 * Where the ends of this node's log are kept that are cut off: files of their frames, named by
 * epoch and positions (I13). Data thread only; the applier's thread does the copying.
 */
final class Branches {
    private static final System.Logger LOG = System.getLogger(Branches.class.getName());

    private final ResourceConfig config;
    private final Applier applier;
    private final EpochNanoClock clock;

    Branches(ResourceConfig config, Applier applier, EpochNanoClock clock) {
        this.config = config;
        this.applier = applier;
        this.clock = clock;
    }

    /** Folder of the files. */
    Path folder() {
        return config.directory().resolve("branches");
    }

    /** Begins to copy valid entries that are not on the primary; done when the applier is idle. */
    void keep(long epoch, long from, long to) {
        LOG.log(
                System.Logger.Level.WARNING,
                "{0}: positions {1} to {2} of the log are not on the primary and are kept as a branch",
                config.replication().resource(),
                Long.toString(from),
                Long.toString(to));
        applier.keepBranch(from, to, file(epoch, from, to, ""));
    }

    /**
     * Begins to copy what lies there, valid or not; what cannot be read as zeroes. Done when the
     * applier is idle.
     */
    void keepDamaged(long epoch, long from, long to, String why) {
        Path file = file(epoch, from, to, "-damaged");
        LOG.log(
                System.Logger.Level.WARNING,
                "{0}: positions {1} to {2} of the log are damaged and given up, {3}; they are kept as they are in {4}",
                config.replication().resource(),
                Long.toString(from),
                Long.toString(to),
                why,
                file);
        applier.keepDamaged(from, to, file);
    }

    /** The same for what this node gives up for another one's log; its last request may be torn. */
    void keepDiscarded(long epoch, long from, long to) {
        Path file = file(epoch, from, to, "");
        LOG.log(
                System.Logger.Level.WARNING,
                "{0}: positions {1} to {2} of the log are given up and kept as a branch in {3}",
                config.replication().resource(),
                Long.toString(from),
                Long.toString(to),
                file);
        applier.keepDamaged(from, to, file);
    }

    private Path file(long epoch, long from, long to, String kind) {
        return folder().resolve(
                        "epoch-%d-from-%d-to-%d-at-%d%s.log"
                                .formatted(epoch, from, to, clock.nanoTime() / 1_000_000, kind));
    }
}
