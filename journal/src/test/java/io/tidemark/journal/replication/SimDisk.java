package io.tidemark.journal.replication;

/**
 * What a node of the simulation has on its disk, and how it gets there: log, partition and
 * superblock. Outlives the process.
 */
final class SimDisk {
    private final SimNode node;
    private final Simulation world;

    final SimLog log = new SimLog();
    long highestEpoch;
    long applyLimit;
    long applied;
    long storedCommitted;
    long storedDurable;
    boolean storedPrimary;
    private long discardTo = -1;
    boolean everLostPower;

    private long syncRequested;
    private long syncDoneStep;

    SimDisk(SimNode node, Simulation world) {
        this.node = node;
        this.world = world;
    }

    void processStarts() {
        syncRequested = log.durable();
    }

    void losePower() {
        everLostPower = true;
        log.loseUnsynced(log.durable() + world.random.nextInt(2_000));
    }

    /** Begins or ends a sync. */
    void sync(boolean mayBegin, long wanted) {
        if (syncRequested > log.durable()) {
            if (world.network.step >= syncDoneStep) {
                log.sync(syncRequested);
            }
        } else if (mayBegin
                && log.end() > log.durable()
                && (wanted > log.durable() || world.random.nextInt(10) == 0)) {
            syncRequested = log.end();
            syncDoneStep = world.network.step + world.random.nextInt(3);
        }
    }

    /** Applies up to the tide mark, in two steps. */
    void project(long committed) {
        if (committed > applied && world.random.nextInt(4) == 0) {
            if (applyLimit < committed) {
                applyLimit = committed;
                storedCommitted = Math.max(storedCommitted, committed);
                storedDurable = log.durable();
            } else {
                applied = Math.max(applied, log.wholeAt(applyLimit));
            }
        }
    }

    /** A clean stop: everything is synced, and applied as far as it may be. */
    void finish(long committed) {
        log.sync(log.end());
        applyLimit = Math.max(applyLimit, Math.min(committed, log.durable()));
        applied = Math.max(applied, log.wholeAt(applyLimit));
    }

    /** An operator's decision; carried out by the next recovery, whatever happens before it. */
    void discard(long to) {
        discardTo = to;
    }

    /** Ends the log at its last whole request. */
    Standing recover() {
        if (discardTo >= 0) {
            applied = 0;
            applyLimit = 0;
            storedDurable = Math.min(storedDurable, discardTo);
            storedCommitted = Math.min(storedCommitted, discardTo);
            storedPrimary = false;
            if (discardTo < log.end()) {
                cut(discardTo);
            }
            discardTo = -1;
        }
        log.sync(log.end());
        SimLog.Scan scan = log.scan();
        if (log.end() < applyLimit) {
            throw world.violation(
                    node + " ends at " + log.end() + ", its partition may hold " + applyLimit);
        }
        // A replica's tide mark may lie inside a request, of which nothing was applied.
        applyLimit = Math.min(applyLimit, scan.whole());
        storedDurable = Math.min(storedDurable, scan.whole());
        storedCommitted = Math.min(storedCommitted, scan.whole());
        cut(scan.whole());
        long committed = Math.min(scan.whole(), storedCommitted);
        return new Standing(
                scan.whole(),
                applyLimit,
                committed,
                Math.max(highestEpoch, scan.epochs().lastNumber()),
                scan.epochs(),
                scan.inSync(),
                scan.heir());
    }

    /** Gives up what lies beyond the common part. */
    void follow(long common, long epoch, boolean asReplica) {
        if (common < log.end()) {
            cut(common);
        }
        storedDurable = Math.min(storedDurable, common);
        storedCommitted = Math.min(storedCommitted, common);
        highestEpoch = Math.max(highestEpoch, epoch);
        storedPrimary &= !asReplica;
    }

    private void cut(long position) {
        if (position < log.end()) {
            world.trace(node, "cuts its log from " + log.end() + " to " + position);
        }
        if (position < applyLimit) {
            throw world.violation(
                    node
                            + " cuts at "
                            + position
                            + " what its partition may hold, up to "
                            + applyLimit);
        }
        log.cut(position);
        syncRequested = Math.min(syncRequested, position);
    }
}
