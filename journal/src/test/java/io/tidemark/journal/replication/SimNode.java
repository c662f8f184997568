package io.tidemark.journal.replication;

import io.tidemark.journal.epoch.EpochIdentity;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node in the simulation: what {@link ResourceAgent}, {@link LogControl} and {@link PeerLinks} do
 * around the state machine, step by step, with a disk that outlives it.
 */
final class SimNode implements Actions {
    private static final long TOLD_NS = 200_000_000L;
    private static final long HELLO_RETRY_NS = 500_000_000L;
    private static final long LIMIT = 6_000;
    private static final long STUCK_NS = 5_000_000_000L;

    private enum Task {
        NONE,
        RECOVER,
        FOLLOW,
        OPEN
    }

    /** A client's request that waits for its reply. */
    private record Waiting(long end, long sinceNs, boolean durable) {}

    final int id;
    final UUID uuid;
    final Simulation world;
    final List<SimLink> links = new ArrayList<>();

    // On disk.
    final SimLog log = new SimLog();
    long highestEpoch;
    long applyLimit;
    long applied;
    long storedCommitted;
    long storedDurable;
    boolean storedPrimary;

    // In the process.
    int incarnation;
    boolean alive;
    boolean everLostPower;
    boolean stopping;
    ReplicationState state;
    boolean appending;
    boolean serving;
    int recordingSession;
    int source = -1;
    private int sourceIncarnation;
    private int sourceSession;
    private long sourceLostNs;
    private Task task = Task.NONE;
    private int taskSteps;
    private int followPeer;
    private long followCommon;
    private long followEpoch;
    private boolean followAsReplica;
    private @Nullable EpochPlan plan;
    private @Nullable List<UUID> setToAppend;
    private long setStoreAt = -1;
    private long setEnd;
    private @Nullable UUID heirToAppend;
    private long syncRequested;
    private long syncWanted;
    private long syncDoneStep;
    private long toldNs;
    private long sentNs;
    private long movedRecorded;
    private long movedNs;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long nowNs;

    SimNode(Simulation world, int id) {
        this.world = world;
        this.id = id;
        this.uuid = new UUID(0, id + 1);
        this.state = new ReplicationState(settings(), this, 1_000_000L * incarnation + 1);
    }

    private ReplicationSettings settings() {
        List<String> peers = new ArrayList<>();
        for (int i = 0; i < world.size; i++) {
            if (i != id) {
                peers.add(name(i));
            }
        }
        return new ReplicationSettings(
                "r0",
                name(id),
                uuid,
                peers,
                Protocol.C,
                2_000_000_000L,
                3_000_000_000L,
                1_000_000_000L,
                4_000);
    }

    static String name(int node) {
        return "n" + node;
    }

    private int nodeOf(int index) {
        return index < id ? index : index + 1;
    }

    private SimLink linkTo(int node) {
        return links.get(node < id ? node : node - 1);
    }

    void start(boolean asPrimary) {
        alive = true;
        stopping = false;
        incarnation++;
        state = new ReplicationState(settings(), this, 1_000_000L * incarnation + 1);
        links.clear();
        for (int i = 0; i < world.size - 1; i++) {
            links.add(new SimLink(nodeOf(i)));
        }
        task = Task.NONE;
        source = -1;
        syncRequested = log.durable();
        waiting.clear();
        world.trace(this, "starts" + (asPrimary ? " as primary" : "") + ", log end " + log.end());
        state.start(asPrimary);
    }

    void crash(boolean power) {
        alive = false;
        stopRecording();
        serving = false;
        waiting.clear();
        if (power) {
            everLostPower = true;
            log.loseUnsynced(log.durable() + world.random.nextInt(2_000));
        }
        world.trace(this, (power ? "loses power" : "is killed") + ", log end " + log.end());
    }

    // ---- duty cycle

    void step(long now) {
        nowNs = now;
        world.network.deliver(this);
        keepLinks();
        if (state.phase() == Phase.STOPPED) {
            return;
        }
        doTask();
        watchRecording();
        if (task == Task.NONE) {
            clients();
            state.step(
                    log.end(),
                    log.durable(),
                    applied,
                    appending && log.end() - applied >= LIMIT,
                    nowNs);
            answer();
        }
        appendControl();
        sync();
        project();
        tellPeers();
        if (stopping) {
            finish();
        }
    }

    private void keepLinks() {
        for (int i = 0; i < links.size(); i++) {
            SimLink link = links.get(i);
            if (link.lost(nowNs)) {
                link.renew(nowNs);
                world.trace(this, "loses sight of " + name(link.peer));
                state.onPeerLost(i);
            }
            if (!link.echoed && nowNs - link.helloNs > HELLO_RETRY_NS) {
                link.helloNs = nowNs;
                link.answer = true;
            }
            if (link.answer) {
                link.answer = false;
                Hello hello = hello(link);
                if (hello != null) {
                    int from = incarnation;
                    send(link, node -> node.onHello(id, from, hello));
                }
            }
            if (link.remote != 0 && nowNs - link.sentNs > PeerLink.HEARTBEAT_NS) {
                long session = link.session;
                send(
                        link,
                        node -> {
                            if (node.linkTo(id).remote == session) {
                                node.linkTo(id).heard(node.nowNs);
                            }
                        });
            }
        }
    }

    private void send(SimLink link, java.util.function.Consumer<SimNode> effect) {
        link.sentNs = nowNs;
        world.network.send(this, link.peer, effect);
    }

    private @Nullable Hello hello(SimLink link) {
        switch (state.phase()) {
            case RECOVERING, FOLLOWING, FETCHING, STOPPED -> {
                return null;
            }
            case WAITING, SETTLING, OPENING, SERVING, CLOSING -> {}
        }
        Standing standing = state.standing();
        return new Hello(
                link.session,
                link.remote,
                uuid,
                name(id),
                null,
                "r0",
                null,
                0,
                id,
                0,
                log.end(),
                log.durable(),
                state.committed(),
                applyLimit,
                standing.highestEpoch(),
                standing.heir(),
                state.role(),
                state.attempt(),
                standing.epochs(),
                List.of());
    }

    private void onHello(int from, int fromIncarnation, Hello hello) {
        SimLink link = linkTo(from);
        link.heardHello(hello, fromIncarnation, nowNs);
        if (hello.echo() != link.session) {
            link.answer = true;
        }
        state.onHello(links.indexOf(link), hello);
    }

    // ---- the log as a whole

    private void doTask() {
        if (task == Task.NONE || --taskSteps > 0) {
            return;
        }
        Task done = task;
        task = Task.NONE;
        switch (done) {
            case NONE -> {}
            case RECOVER -> {
                log.sync(log.end());
                SimLog.Scan scan = log.scan();
                if (log.end() < applyLimit) {
                    throw world.violation(
                            this
                                    + " ends at "
                                    + log.end()
                                    + ", its partition may hold "
                                    + applyLimit);
                }
                // A replica's tide mark may lie inside a request, of which nothing was applied.
                applyLimit = Math.min(applyLimit, scan.whole());
                storedDurable = Math.min(storedDurable, scan.whole());
                storedCommitted = Math.min(storedCommitted, scan.whole());
                cut(scan.whole());
                long committed = Math.min(scan.whole(), storedCommitted);
                state.recovered(
                        new Standing(
                                scan.whole(),
                                applyLimit,
                                committed,
                                Math.max(highestEpoch, scan.epochs().lastNumber()),
                                scan.epochs(),
                                scan.inSync(),
                                scan.heir()));
                world.trace(
                        this,
                        "has recovered: end "
                                + scan.whole()
                                + ", epochs "
                                + scan.epochs().lastNumber());
            }
            case FOLLOW -> {
                if (applyLimit > followCommon) {
                    state.followRefused();
                    return;
                }
                if (followCommon < log.end()) {
                    cut(followCommon);
                }
                storedDurable = Math.min(storedDurable, followCommon);
                storedCommitted = Math.min(storedCommitted, followCommon);
                highestEpoch = Math.max(highestEpoch, followEpoch);
                storedPrimary &= !followAsReplica;
                SimNode peer = world.nodes.get(followPeer);
                source = followPeer;
                sourceIncarnation = peer.incarnation;
                sourceSession = peer.recordingSession;
                sourceLostNs = nowNs;
                movedNs = nowNs;
            }
            case OPEN -> open();
        }
    }

    private void open() {
        EpochPlan opening = plan;
        if (opening == null) {
            return;
        }
        recordingSession++;
        appending = true;
        EpochIdentity epoch =
                new EpochIdentity(
                        opening.number(),
                        log.end(),
                        log.chain(),
                        uuid,
                        new UUID(world.random.nextLong(), id));
        long end = log.epochStart(epoch, opening.inSync());
        world.trace(
                this,
                "opens epoch "
                        + epoch.number()
                        + " at "
                        + epoch.startPosition()
                        + " with "
                        + opening.inSync()
                        + (opening.forced() ? ", forced" : ""));
        syncWanted = end;
        setEnd = end;
        setStoreAt = Long.MAX_VALUE;
        state.requestAppended(end);
        state.epochStarted(new Started(epoch, end));
    }

    private void cut(long position) {
        if (position < log.end()) {
            world.trace(this, "cuts its log from " + log.end() + " to " + position);
        }
        if (position < applyLimit) {
            throw world.violation(
                    this
                            + " cuts at "
                            + position
                            + " what its partition may hold, up to "
                            + applyLimit);
        }
        log.cut(position);
        syncRequested = Math.min(syncRequested, position);
    }

    private void stopRecording() {
        if (appending || source >= 0) {
            recordingSession++;
        }
        appending = false;
        source = -1;
    }

    private void watchRecording() {
        if (source < 0 || task != Task.NONE) {
            return;
        }
        SimNode peer = world.nodes.get(source);
        boolean there =
                peer.alive
                        && peer.incarnation == sourceIncarnation
                        && world.network.connected(id, source);
        if (there) {
            sourceLostNs = nowNs;
            boolean growing = peer.recordingSession == sourceSession;
            boolean ended = !growing || !log.continuedBy(peer.log);
            for (int i = world.random.nextInt(6); i > 0 && !ended; i--) {
                log.copyNext(peer.log);
            }
            if (ended && world.random.nextInt(4) == 0) {
                state.followEnded(log.end());
                return;
            }
        } else if (nowNs - sourceLostNs > 2 * STUCK_NS) {
            state.followEnded(log.end());
            return;
        }
        if (log.end() != movedRecorded || state.news().appended() <= log.end()) {
            movedRecorded = log.end();
            movedNs = nowNs;
        } else if (nowNs - movedNs > STUCK_NS) {
            movedNs = nowNs;
            state.followEnded(log.end());
        }
        if (state.phase() == Phase.FETCHING && log.end() >= state.fetchTarget()) {
            state.followEnded(log.end());
        }
    }

    private void appendControl() {
        if (appending && task == Task.NONE) {
            List<UUID> members = setToAppend;
            if (members != null) {
                setToAppend = null;
                setEnd = log.inSyncSet(members);
                setStoreAt = Long.MAX_VALUE;
                syncWanted = Math.max(syncWanted, setEnd);
                world.trace(this, "in-sync set becomes " + members + " at " + setEnd);
                state.requestAppended(setEnd);
                state.reign().inSyncAppended(setEnd);
            }
            UUID heir = heirToAppend;
            if (heir != null) {
                heirToAppend = null;
                long end = log.epochEnd(heir);
                syncWanted = Math.max(syncWanted, end);
                state.requestAppended(end);
                state.epochEnded(end);
            }
        }
        if (setStoreAt == Long.MAX_VALUE && log.durable() >= setEnd) {
            setStoreAt = world.network.step + 1;
        } else if (setStoreAt >= 0 && world.network.step > setStoreAt) {
            setStoreAt = -1;
            state.reign().inSyncStored();
        }
    }

    private void sync() {
        if (syncRequested > log.durable()) {
            if (world.network.step >= syncDoneStep) {
                log.sync(syncRequested);
            }
        } else if (task == Task.NONE
                && log.end() > log.durable()
                && (syncWanted > log.durable() || world.random.nextInt(10) == 0)) {
            syncRequested = log.end();
            syncDoneStep = world.network.step + world.random.nextInt(3);
        }
    }

    private void project() {
        if (task == Task.NONE && state.committed() > applied && world.random.nextInt(4) == 0) {
            if (applyLimit < state.committed()) {
                applyLimit = state.committed();
                storedCommitted = Math.max(storedCommitted, state.committed());
                storedDurable = log.durable();
            } else {
                applied = Math.max(applied, log.wholeAt(applyLimit));
            }
        }
    }

    private void tellPeers() {
        if (state.reigning()) {
            if (!appending || nowNs - toldNs < TOLD_NS / 4) {
                return;
            }
            toldNs = nowNs;
            long epoch = state.epoch();
            long committed = state.committed();
            long appended = log.end();
            int from = incarnation;
            long sync = syncWanted;
            for (int i = 0; i < links.size(); i++) {
                if (state.peers().get(i).following) {
                    send(
                            links.get(i),
                            node -> node.onCommit(id, from, epoch, committed, appended, sync));
                }
            }
        } else if (state.followed() >= 0 && task == Task.NONE && nowNs - sentNs >= TOLD_NS / 10) {
            sentNs = nowNs;
            SimLink link = links.get(state.followed());
            long session = link.session;
            long epoch = state.epoch();
            long attempt = state.attempt();
            long recorded = log.end();
            long durable = log.durable();
            long committed = state.committed();
            send(
                    link,
                    node ->
                            node.onPositions(
                                    id, session, attempt, epoch, recorded, durable, committed));
        }
    }

    private void onCommit(
            int from, int fromIncarnation, long epoch, long committed, long appended, long sync) {
        SimLink link = linkTo(from);
        if (link.remote != 0 && link.remoteIncarnation == fromIncarnation) {
            link.heard(nowNs);
            if (state.onCommit(links.indexOf(link), epoch, committed, appended, nowNs)) {
                syncWanted = Math.max(syncWanted, sync);
            }
        }
    }

    private void onPositions(
            int from,
            long session,
            long attempt,
            long epoch,
            long recorded,
            long durable,
            long committed) {
        SimLink link = linkTo(from);
        if (link.remote == session) {
            link.heard(nowNs);
            link.echoed = true;
            state.onPositions(
                    links.indexOf(link), attempt, epoch, recorded, durable, committed, 0, 0);
        }
    }

    // ---- clients

    private void clients() {
        if (serving
                && state.phase() == Phase.SERVING
                && log.end() - applied < LIMIT
                && world.writes()) {
            log.write(
                    1 + world.random.nextInt(3),
                    32 * (3 + world.random.nextInt(10)),
                    world.random.nextInt());
            boolean durable = world.random.nextInt(3) == 0;
            if (durable) {
                syncWanted = log.end();
            }
            state.requestAppended(log.end());
            waiting.add(new Waiting(log.end(), nowNs, durable));
        }
        long[] oldest = new long[4];
        for (Waiting w : waiting) {
            int at = w.durable() ? 2 : 0;
            if (oldest[at] == 0) {
                oldest[at] = w.end();
                oldest[at + 1] = w.sinceNs();
            }
        }
        state.reign().waiting(oldest[0], oldest[1], oldest[2], oldest[3]);
    }

    private void answer() {
        if (!state.reigning()) {
            return;
        }
        waiting.removeIf(
                w -> {
                    boolean may =
                            w.end()
                                    <= (w.durable()
                                            ? state.answeredDurable()
                                            : state.answeredRecorded());
                    if (may) {
                        state.reign().answered(w.end());
                        world.answered(this, w.end(), w.durable());
                    }
                    return may;
                });
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
        int followed = state.followed();
        if (followed >= 0) {
            send(
                    links.get(followed),
                    node -> node.state.onLeave(node.links.indexOf(node.linkTo(id))));
        }
        log.sync(log.end());
        applyLimit = Math.max(applyLimit, Math.min(state.committed(), log.durable()));
        applied = Math.max(applied, log.wholeAt(applyLimit));
        alive = false;
        stopRecording();
        serving = false;
        waiting.clear();
        world.trace(this, "has stopped, log end " + log.end());
    }

    // ---- Actions

    @Override
    public void recover() {
        setToAppend = null;
        setStoreAt = -1;
        heirToAppend = null;
        syncWanted = 0;
        stopRecording();
        task = Task.RECOVER;
        taskSteps = 1 + world.random.nextInt(4);
    }

    @Override
    public void follow(int peer, long recordingId, long common) {
        followPeer = nodeOf(peer);
        followCommon = common;
        followAsReplica = state.phase() == Phase.FOLLOWING;
        followEpoch = followAsReplica ? state.epoch() : 0;
        syncWanted = 0;
        task = Task.FOLLOW;
        taskSteps = 1 + world.random.nextInt(4);
        world.trace(
                this, "follows " + name(followPeer) + " from " + common + ", epoch " + followEpoch);
    }

    @Override
    public void openEpoch(EpochPlan epochPlan) {
        plan = epochPlan;
        storedPrimary = true;
        highestEpoch = Math.max(highestEpoch, epochPlan.number());
        task = Task.OPEN;
        taskSteps = 1 + world.random.nextInt(3);
    }

    @Override
    public void appendInSyncSet(List<UUID> members) {
        setToAppend = members;
    }

    @Override
    public void endEpoch(UUID heir) {
        heirToAppend = heir;
    }

    @Override
    public void serve() {
        serving = true;
        world.trace(this, "serves epoch " + state.epoch());
    }

    @Override
    public void stepDown() {
        serving = false;
        waiting.clear();
        world.trace(this, "steps down");
    }

    @Override
    public void sendFollow(int peer, long attempt, long common) {
        long epoch = state.epoch();
        int from = incarnation;
        send(
                links.get(peer),
                node -> {
                    SimLink back = node.linkTo(id);
                    if (back.remote != 0 && back.remoteIncarnation == from) {
                        back.heard(node.nowNs);
                        if (node.task == Task.NONE) {
                            node.state.onFollow(
                                    node.links.indexOf(back),
                                    attempt,
                                    epoch,
                                    id,
                                    common,
                                    node.applyLimit);
                        }
                    }
                });
    }

    @Override
    public void sendHello(int peer) {
        links.get(peer).answer = true;
    }

    @Override
    public void sendRefusal(int peer, Refusal refusal) {
        SimLink link = links.get(peer);
        long to = link.remote;
        world.trace(this, "refuses " + name(link.peer) + ": " + refusal.code());
        send(
                link,
                node -> {
                    SimLink back = node.linkTo(id);
                    if (back.session == to) {
                        node.state.onRefusal(node.links.indexOf(back), refusal);
                    }
                });
    }

    @Override
    public void helloChanged() {
        links.forEach(link -> link.answer = true);
    }

    @Override
    public String toString() {
        return name(id);
    }
}
