package io.tidemark.tools.crash;

import io.tidemark.tools.disk.DiskCall;
import io.tidemark.tools.disk.DiskClock;
import io.tidemark.tools.disk.DiskFault;
import io.tidemark.tools.disk.DiskOp;
import io.tidemark.tools.disk.RecordingDisk;
import io.tidemark.tools.it.PairOnDisks;
import io.tidemark.tools.it.PairOnDisks.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * What happened in a run of two nodes on recording disks under load: all that the disks were told,
 * all that clients were told.
 *
 * @param inSync when replies waited for beta for sure
 * @param alone when beta was gone and alpha served alone
 */
record RecordedRun(
        Map<Side, List<DiskOp>> ops, History history, List<Interval> inSync, List<Interval> alone) {
    static final long VOLUME = 16 << 20;
    private static final long HOT = 1 << 20;
    private static final int CLIENTS = 4;

    /** Requests to be answered before the run goes on. */
    private static final int SHARE = 120;

    /** Long enough for windows to be applied and checkpoints to be taken in between. */
    private static final long APPLIES_NS = 2_500_000_000L;

    private static final long LIMIT_NS = 60_000_000_000L;
    private static final long POLL_NS = 5_000_000L;

    /** Clocks from one to another, both included. */
    record Interval(long from, long to) {
        boolean holds(long clock) {
            return from <= clock && clock <= to;
        }
    }

    /** What is done to the nodes while clients write. */
    enum Script {
        /** Start, load, clean stop. */
        SHORT(20),
        /** The replica is killed in between, so that the primary goes on alone. */
        ALONE(20),
        /**
         * And on the way: the replica killed, the primary killed, both stopped; each back again.
         */
        LONG(2);

        private final long syncNs;

        /**
         * @param syncMs how long a sync of a segment takes; the longer, the more is not synced
         */
        Script(int syncMs) {
            this.syncNs = syncMs * 1_000_000L;
        }
    }

    /**
     * Runs it.
     *
     * @param work an empty folder
     */
    static RecordedRun run(Path work, Script script, long seed, List<Sabotage> sabotages)
            throws IOException, InterruptedException {
        DiskClock clock = new DiskClock();
        RecordedRun run =
                new RecordedRun(
                        new EnumMap<>(Side.class),
                        new History(clock),
                        new ArrayList<>(),
                        new ArrayList<>());
        Map<Side, RecordingDisk> disks = new EnumMap<>(Side.class);
        Map<Side, Path> roots = new EnumMap<>(Side.class);
        try {
            for (Side side : Side.values()) {
                Path mount = Files.createDirectory(work.resolve(side.node() + "-disk"));
                Path host = Files.createDirectory(work.resolve(side.node() + "-host"));
                disks.put(side, slow(RecordingDisk.mount(mount, host, clock), script));
                roots.put(side, mount);
            }
            try (PairOnDisks pair =
                    new PairOnDisks(work, roots, VOLUME, Saboteur.options(work, sabotages))) {
                run.performOrShow(pair, script, seed);
            }
            disks.forEach((side, disk) -> run.ops.put(side, disk.ops()));
            return run;
        } finally {
            disks.values().forEach(RecordingDisk::close);
        }
    }

    private void performOrShow(PairOnDisks pair, Script script, long seed)
            throws IOException, InterruptedException {
        boolean done = false;
        try {
            perform(pair, script, seed);
            done = true;
        } finally {
            if (!done) {
                System.out.println(pair.logs());
            }
        }
    }

    private void perform(PairOnDisks pair, Script script, long seed)
            throws IOException, InterruptedException {
        pair.start();
        long from = history.clock().now();
        try (Load load = new Load(pair, history, seed)) {
            load.awaitMore();
            if (script != Script.SHORT) {
                inSync.add(until(from));
                pair.kill(Side.BETA).awaitAlone(Side.ALPHA);
                from = history.clock().now();
                load.awaitMore().goOnFor(APPLIES_NS);
            }
            if (script == Script.LONG) {
                alone.add(until(from));
                pair.start(Side.BETA).awaitInSync(Side.ALPHA);
                from = history.clock().now();
                load.awaitMore();

                inSync.add(until(from));
                pair.kill(Side.ALPHA).start(Side.ALPHA).awaitInSync(Side.ALPHA);
                from = history.clock().now();
                load.awaitMore();

                inSync.add(until(from));
                pair.stop(Side.ALPHA).start();
                from = history.clock().now();
                load.awaitMore();
            }
        }
        (script == Script.ALONE ? alone : inSync).add(until(from));
        pair.stopOnly(Side.ALPHA);
        if (script != Script.ALONE) {
            pair.stopOnly(Side.BETA);
        }
    }

    private Interval until(long from) {
        return new Interval(from, history.clock().now());
    }

    /** Makes syncs of segments take a while, as they do on a disk. */
    private static RecordingDisk slow(RecordingDisk disk, Script script) {
        disk.arm(
                DiskFault.on(
                        DiskCall.Kind.SYNC,
                        path -> {
                            if (path.endsWith(".rec")) {
                                LockSupport.parkNanos(script.syncNs);
                            }
                            return false;
                        }));
        return disk;
    }

    List<DiskOp> ops(Side side) {
        return ops.getOrDefault(side, List.of());
    }

    /** Whether alpha served alone at this clock. */
    boolean aloneAt(long clock) {
        return alone.stream().anyMatch(interval -> interval.holds(clock));
    }

    /** Whether replies waited for beta at this clock, and had for all earlier ones. */
    boolean inSyncAt(long clock) {
        return inSync.stream().anyMatch(interval -> interval.holds(clock));
    }

    /** The clients. */
    private static final class Load implements AutoCloseable {
        private final History history;
        private final List<StampedClient> clients = new ArrayList<>();
        private final List<Thread> threads = new ArrayList<>();

        Load(PairOnDisks pair, History history, long seed) {
            this.history = history;
            for (int i = 0; i < CLIENTS; i++) {
                StampedClient client =
                        new StampedClient(pair.nbd(Side.ALPHA), history, VOLUME, HOT, seed + i);
                clients.add(client);
                threads.add(Thread.ofPlatform().daemon().name("client-" + i).start(client));
            }
        }

        Load awaitMore() {
            long goal = history.answered() + SHARE;
            clients.forEach(client -> client.hurry(goal));
            long start = System.nanoTime();
            while (history.answered() < goal) {
                if (System.nanoTime() - start > LIMIT_NS) {
                    throw new AssertionError(
                            "only %d of %d requests were answered"
                                    .formatted(history.answered(), goal));
                }
                LockSupport.parkNanos(POLL_NS);
            }
            return this;
        }

        /** Slowly, since the goal is reached. */
        void goOnFor(long ns) {
            long start = System.nanoTime();
            while (System.nanoTime() - start < ns) {
                LockSupport.parkNanos(POLL_NS);
            }
        }

        @Override
        public void close() {
            clients.forEach(StampedClient::stop);
            for (Thread thread : threads) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
