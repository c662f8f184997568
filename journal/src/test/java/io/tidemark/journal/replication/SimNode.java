package io.tidemark.journal.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node in the simulation: what {@link ResourceAgent} does around the state machine, step by step,
 * with a disk that outlives it.
 */
final class SimNode implements Actions {
    final int id;
    final UUID uuid;
    final SimDisk disk;
    final SimTasks tasks;
    final SimPeers peers;

    // In the process.
    int incarnation;
    boolean alive;
    boolean stopping;
    ReplicationState state;
    long syncWanted;

    private final Simulation world;
    private final SimClients clients;
    private @Nullable List<UUID> setToAppend;
    private long setStoreAt = -1;
    private long setEnd;

    /** End of the last client's request in this node's own last reign. */
    long clientEnd = Long.MAX_VALUE;

    private @Nullable UUID heir;
    private @Nullable UUID heirToAppend;

    SimNode(Simulation world, int id) {
        this.world = world;
        this.id = id;
        this.uuid = new UUID(0, id + 1);
        this.disk = new SimDisk(this, world);
        this.tasks = new SimTasks(this, world);
        this.peers = new SimPeers(this, world);
        this.clients = new SimClients(this, world);
        this.state = newState();
    }

    private ReplicationState newState() {
        return new ReplicationState(settings(), this, 1_000_000L * incarnation + 1);
    }

    private ReplicationSettings settings() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < world.size; i++) {
            if (i != id) {
                names.add(name(i));
            }
        }
        return new ReplicationSettings(
                "r0",
                name(id),
                uuid,
                names,
                Protocol.C,
                2_000_000_000L,
                3_000_000_000L,
                1_000_000_000L,
                4_000);
    }

    static String name(int node) {
        return "n" + node;
    }

    void start(boolean asPrimary) {
        clientEnd = Long.MAX_VALUE;
        alive = true;
        stopping = false;
        incarnation++;
        state = newState();
        peers.processStarts();
        tasks.processStarts();
        disk.processStarts();
        clients.forget();
        world.trace(
                this, "starts" + (asPrimary ? " as primary" : "") + ", log end " + disk.log.end());
        state.start(asPrimary);
    }

    void crash(boolean power) {
        end();
        if (power) {
            disk.losePower();
        }
        world.trace(this, (power ? "loses power" : "is killed") + ", log end " + disk.log.end());
    }

    private void end() {
        alive = false;
        tasks.stopRecording();
        clients.disconnect();
    }

    // ---- duty cycle

    void step(long nowNs) {
        peers.receive(nowNs);
        if (state.phase() == Phase.STOPPED) {
            return;
        }
        tasks.step(nowNs);
        tasks.watch(nowNs);
        if (tasks.idle()) {
            syncWanted = Math.max(syncWanted, clients.write(nowNs));
            state.step(
                    disk.log.end(),
                    disk.log.durable(),
                    disk.applied,
                    tasks.appending && clients.crowded(),
                    nowNs);
            clients.answer();
        }
        appendControl();
        disk.sync(tasks.idle(), syncWanted);
        if (tasks.idle()) {
            disk.project(Math.min(state.committed(), clientEnd));
        }
        peers.tell();
        if (stopping) {
            finish();
        }
    }

    private void appendControl() {
        if (tasks.appending && tasks.idle()) {
            List<UUID> members = setToAppend;
            if (members != null) {
                setToAppend = null;
                // An epoch's end counts only as the log's last entry.
                heirToAppend = heir;
                setEnd = disk.log.inSyncSet(members);
                setStoreAt = Long.MAX_VALUE;
                syncWanted = Math.max(syncWanted, setEnd);
                world.trace(this, "in-sync set becomes " + members + " at " + setEnd);
                state.requestAppended(setEnd);
                state.reign().inSyncAppended(setEnd);
            }
            UUID next = heirToAppend;
            if (next != null) {
                heirToAppend = null;
                long end = disk.log.epochEnd(next);
                syncWanted = Math.max(syncWanted, end);
                state.requestAppended(end);
                state.epochEnded(end);
            }
        }
        if (setStoreAt == Long.MAX_VALUE && disk.log.durable() >= setEnd) {
            setStoreAt = world.network.step + 1;
        } else if (setStoreAt >= 0 && world.network.step > setStoreAt) {
            setStoreAt = -1;
            state.reign().inSyncStored();
        }
    }

    /** An epoch begins in the log. */
    void opened(Started started) {
        clientEnd = started.epoch().startPosition();
        syncWanted = started.endPosition();
        setEnd = started.endPosition();
        setStoreAt = Long.MAX_VALUE;
        state.requestAppended(started.endPosition());
        state.epochStarted(started);
    }

    // ---- clean stop

    void stop() {
        stopping = true;
        world.trace(this, "is asked to stop");
    }

    private void finish() {
        if (state.phase() == Phase.SERVING) {
            state.close();
            return;
        }
        if (state.phase() == Phase.CLOSING && !state.reign().hasEnded()) {
            return;
        }
        if (state.followed() >= 0) {
            peers.sendLeave(state.followed());
        }
        disk.finish(Math.min(state.committed(), clientEnd));
        end();
        world.trace(this, "has stopped, log end " + disk.log.end());
    }

    // ---- Actions

    @Override
    public void recover() {
        setToAppend = null;
        setStoreAt = -1;
        heir = null;
        heirToAppend = null;
        syncWanted = 0;
        tasks.recover();
    }

    @Override
    public void follow(int peer, long recordingId, long common) {
        boolean asReplica = state.phase() == Phase.FOLLOWING;
        long epoch = asReplica ? state.epoch() : 0;
        syncWanted = 0;
        clientEnd = Long.MAX_VALUE;
        tasks.follow(peers.nodeOf(peer), common, epoch, asReplica);
        world.trace(
                this,
                "follows " + name(peers.nodeOf(peer)) + " from " + common + ", epoch " + epoch);
    }

    @Override
    public void openEpoch(EpochPlan plan) {
        tasks.open(plan);
    }

    @Override
    public void appendInSyncSet(List<UUID> members) {
        setToAppend = members;
    }

    @Override
    public void endEpoch(UUID next) {
        heir = next;
        heirToAppend = next;
    }

    @Override
    public void serve() {
        clients.serve();
        world.trace(this, "serves epoch " + state.epoch());
    }

    @Override
    public void stepDown() {
        clients.disconnect();
        world.trace(this, "steps down");
    }

    @Override
    public void demoted() {
        disk.storedPrimary = false;
        world.trace(this, "has given its reign up");
    }

    @Override
    public void sendFollow(int peer, long attempt, long common) {
        peers.sendFollow(peer, attempt, common);
    }

    @Override
    public void sendHello(int peer) {
        peers.sendHello(peer);
    }

    @Override
    public void sendRefusal(int peer, Refusal refusal) {
        peers.sendRefusal(peer, refusal);
    }

    @Override
    public void helloChanged() {
        peers.sendHelloToAll();
    }

    @Override
    public String toString() {
        return name(id);
    }
}
