package io.tidemark.journal.replication;

import io.tidemark.journal.epoch.EpochIdentity;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What happens to the log of a node of the simulation as a whole, step by step: what {@link
 * LogControl} and {@link FollowWatch} do.
 */
final class SimTasks {
    private static final long STUCK_NS = 5_000_000_000L;

    private enum Task {
        NONE,
        RECOVER,
        FOLLOW,
        OPEN
    }

    private final SimNode node;
    private final Simulation world;
    private final SimDisk disk;
    private Task task = Task.NONE;
    private int taskSteps;

    /** Whether this node appends. */
    boolean appending;

    private int recordingSession;

    /** Whom it records, -1 if nobody. */
    private int source = -1;

    private int sourceIncarnation;
    private int sourceSession;
    private long sourceLostNs;
    private long movedRecorded;
    private long movedNs;
    private int followPeer;
    private long followCommon;
    private long followEpoch;
    private boolean followAsReplica;
    private Actions.@Nullable EpochPlan plan;

    SimTasks(SimNode node, Simulation world) {
        this.node = node;
        this.world = world;
        this.disk = node.disk;
    }

    boolean idle() {
        return task == Task.NONE;
    }

    void processStarts() {
        task = Task.NONE;
        source = -1;
    }

    void recover() {
        stopRecording();
        begin(Task.RECOVER, 4);
    }

    void follow(int peer, long common, long epoch, boolean asReplica) {
        followPeer = peer;
        followCommon = common;
        followAsReplica = asReplica;
        followEpoch = epoch;
        begin(Task.FOLLOW, 4);
    }

    void open(Actions.EpochPlan epochPlan) {
        plan = epochPlan;
        disk.storedPrimary = true;
        disk.highestEpoch = Math.max(disk.highestEpoch, epochPlan.number());
        begin(Task.OPEN, 3);
    }

    private void begin(Task next, int maxSteps) {
        task = next;
        taskSteps = 1 + world.random.nextInt(maxSteps);
    }

    void step(long nowNs) {
        if (task == Task.NONE || --taskSteps > 0) {
            return;
        }
        Task done = task;
        task = Task.NONE;
        switch (done) {
            case NONE -> {}
            case RECOVER -> {
                Standing standing = disk.recover();
                node.state.recovered(standing);
                world.trace(
                        node,
                        "has recovered: end "
                                + standing.logEnd()
                                + ", epochs "
                                + standing.epochs().lastNumber());
            }
            case FOLLOW -> {
                if (disk.applyLimit > followCommon) {
                    node.state.followRefused();
                    return;
                }
                disk.follow(followCommon, followEpoch, followAsReplica);
                SimNode peer = world.nodes.get(followPeer);
                source = followPeer;
                sourceIncarnation = peer.incarnation;
                sourceSession = peer.tasks.recordingSession;
                sourceLostNs = nowNs;
                movedNs = nowNs;
            }
            case OPEN -> open();
        }
    }

    private void open() {
        Actions.EpochPlan opening = plan;
        if (opening == null) {
            return;
        }
        recordingSession++;
        appending = true;
        EpochIdentity epoch =
                new EpochIdentity(
                        opening.number(),
                        disk.log.end(),
                        disk.log.chain(),
                        node.uuid,
                        new UUID(world.random.nextLong(), node.id));
        long end = disk.log.epochStart(epoch, opening.inSync());
        world.trace(
                node,
                "opens epoch "
                        + epoch.number()
                        + " at "
                        + epoch.startPosition()
                        + " with "
                        + opening.inSync()
                        + (opening.forced() ? ", forced" : ""));
        node.opened(new Actions.Started(epoch, end));
    }

    void stopRecording() {
        if (appending || source >= 0) {
            recordingSession++;
        }
        appending = false;
        source = -1;
    }

    /** Records what the source has, as long as it can. */
    void watch(long nowNs) {
        if (source < 0 || task != Task.NONE) {
            return;
        }
        ReplicationState state = node.state;
        SimNode peer = world.nodes.get(source);
        boolean there =
                peer.alive
                        && peer.incarnation == sourceIncarnation
                        && world.network.connected(node.id, source);
        if (there) {
            sourceLostNs = nowNs;
            boolean growing = peer.tasks.recordingSession == sourceSession;
            boolean ended = !growing || !disk.log.continuedBy(peer.disk.log);
            for (int i = world.random.nextInt(6); i > 0 && !ended; i--) {
                disk.log.copyNext(peer.disk.log);
            }
            if (ended && world.random.nextInt(4) == 0) {
                state.followEnded(disk.log.end());
                return;
            }
        } else if (nowNs - sourceLostNs > 2 * STUCK_NS) {
            state.followEnded(disk.log.end());
            return;
        }
        if (disk.log.end() != movedRecorded || state.news().appended() <= disk.log.end()) {
            movedRecorded = disk.log.end();
            movedNs = nowNs;
        } else if (nowNs - movedNs > STUCK_NS) {
            movedNs = nowNs;
            state.followEnded(disk.log.end());
        }
        if (state.phase() == Phase.FETCHING && disk.log.end() >= state.fetchTarget()) {
            state.followEnded(disk.log.end());
        }
    }
}
