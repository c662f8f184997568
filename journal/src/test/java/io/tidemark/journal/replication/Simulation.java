package io.tidemark.journal.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Some nodes, a network and a schedule of crashes, power cuts, partitions, stops and promotions,
 * all from one seed. Every violation says what happened before.
 */
final class Simulation {
    /** What may happen in a schedule, and so what must hold in it. */
    enum Faults {
        /** Nothing, but the network is late and loses messages. */
        NONE,
        /** Processes are killed, nodes are stopped, the network parts. */
        PROCESS,
        /** Node 0 may lose its power too; the others keep theirs. */
        ONE_POWER,
        /** Everything; what was flushed must survive. */
        POWER,
        /** And operators give reigns up, hand them over and ask for them. */
        HANDOVER,
        /** And operators promote by force. */
        FORCE
    }

    static final long STEP_NS = 20_000_000L;
    private static final int FAULTY_STEPS = 1_000;
    private static final int HEALING_STEPS = 3_000;

    private record Answer(SimNode by, long end, long chain, boolean durable, boolean alone) {}

    final long seed;
    final int size;
    final SplittableRandom random;
    final SimNetwork network;
    final List<SimNode> nodes = new ArrayList<>();
    private final Faults faults;
    private final List<String> trace = new ArrayList<>();
    private final List<Answer> answers = new ArrayList<>();
    private final long[] restartAt;
    private final long[] clockNs;
    private final long[] committed;
    private boolean healing;
    private boolean forced;
    int served;

    Simulation(long seed, int size, Faults faults) {
        this.seed = seed;
        this.size = size;
        this.faults = faults;
        this.random = new SplittableRandom(seed);
        this.network = new SimNetwork(random.split(), size);
        this.restartAt = new long[size];
        this.clockNs = new long[size];
        this.committed = new long[size];
        SimLink.restart();
        for (int i = 0; i < size; i++) {
            nodes.add(new SimNode(this, i));
        }
    }

    void run() {
        try {
            for (SimNode node : nodes) {
                node.start(node.id == 0);
            }
            network.loss = 0.01;
            for (int i = 0; i < FAULTY_STEPS; i++) {
                faults();
                step();
            }
            healing = true;
            network.heal();
            trace.add("---- everything is well again");
            java.util.Arrays.fill(restartAt, 0);
            for (int i = 0; i < HEALING_STEPS && !settled(); i++) {
                restart();
                lookAfter();
                resolve();
                step();
            }
            atTheEnd();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "seed "
                            + seed
                            + ", "
                            + size
                            + " nodes, "
                            + faults
                            + ": "
                            + e
                            + "\n"
                            + String.join("\n", tail()),
                    e);
        }
    }

    private List<String> tail() {
        List<String> last =
                new ArrayList<>(trace.subList(Math.max(0, trace.size() - 80), trace.size()));
        for (SimNode node : nodes) {
            ReplicationState s = node.state;
            last.add(
                    node
                            + " "
                            + (node.alive ? s.phase() : "down")
                            + " "
                            + s.detail()
                            + " end "
                            + node.disk.log.end()
                            + " durable "
                            + node.disk.log.durable()
                            + " committed "
                            + s.committed()
                            + " applied "
                            + node.disk.applied
                            + " limit "
                            + node.disk.applyLimit
                            + " in sync "
                            + s.reign().effectiveInSync()
                            + " of "
                            + s.reign().durableInSync()
                            + " peers "
                            + s.peers().stream()
                                    .map(
                                            p ->
                                                    p.name()
                                                            + ":"
                                                            + p.state()
                                                            + ":"
                                                            + p.following
                                                            + ":"
                                                            + p.durable())
                                    .toList());
        }
        return last;
    }

    private void step() {
        network.step++;
        for (SimNode node : nodes) {
            if (node.alive) {
                clockNs[node.id] += STEP_NS;
                node.step(clockNs[node.id]);
            } else {
                network.drop(node.id);
            }
        }
        check();
    }

    private void faults() {
        restart();
        if (faults == Faults.NONE || random.nextInt(120) != 0) {
            return;
        }
        SimNode node = nodes.get(random.nextInt(size));
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                if (node.alive) {
                    node.crash(losesPower(node));
                    restartLater(node);
                }
            }
            case 2, 3 -> {
                int other = random.nextInt(size);
                if (other != node.id) {
                    int steps = random.nextInt(2) == 0 ? random.nextInt(100) : random.nextInt(600);
                    trace.add(
                            network.step
                                    + ": "
                                    + node
                                    + " and n"
                                    + other
                                    + " part for "
                                    + steps
                                    + " steps");
                    network.cut(node.id, other, steps);
                }
            }
            case 4 -> {
                if (node.alive) {
                    node.stop();
                    restartAt[node.id] = network.step + 50 + random.nextInt(300);
                }
            }
            default -> {
                if (faults == Faults.HANDOVER && node.alive && !node.stopping) {
                    operate(node);
                }
                if (faults == Faults.FORCE
                        && node.alive
                        && !node.stopping
                        && !node.state.reigning()) {
                    trace(node, "is promoted by force");
                    forced = true;
                    node.state.promote(true);
                }
            }
        }
    }

    /** Gives a reign to another node or up, or asks for one, without force. */
    private void operate(SimNode node) {
        if (node.state.reigning()) {
            SimNode heir = nodes.get(random.nextInt(size));
            trace(node, "is to hand over to " + heir);
            node.state.demote(heir.uuid);
        } else if (node.state.standing().epochs().last() != null) {
            // Where nothing was ever written, two nodes that do not see each other both may begin.
            trace(node, "is promoted");
            node.state.promote(false);
        }
    }

    /** If nobody reigns, somebody asks a node to: nothing else would end it. */
    private void lookAfter() {
        if (faults == Faults.HANDOVER
                && network.step % 100 == 0
                && nodes.stream().noneMatch(n -> n.alive && n.state.reigning())) {
            SimNode node = nodes.get(random.nextInt(size));
            if (node.alive && !node.stopping) {
                operate(node);
            }
        }
    }

    /**
     * Logs have parted: an operator decides for one that reigns, and what the others hold beyond
     * the common part is given up.
     */
    private void resolve() {
        if (!forced || network.step % 200 != 0) {
            return;
        }
        SimNode winner =
                nodes.stream()
                        .filter(n -> n.alive && n.state.phase() == Phase.SERVING)
                        .findFirst()
                        .orElse(null);
        if (winner == null) {
            operate(nodes.get(random.nextInt(size)));
            return;
        }
        for (SimNode loser : nodes) {
            for (Peer peer : loser.state.peers()) {
                Hello hello = peer.hello();
                if (loser != winner
                        && loser.alive
                        && hello != null
                        && hello.node().equals(winner.uuid)
                        && peer.state() == Peer.State.DIVERGED) {
                    long common =
                            loser.state
                                    .standing()
                                    .epochs()
                                    .common(loser.disk.log.end(), hello.epochs(), hello.logEnd());
                    trace(loser, "gives up what lies beyond " + common + " for " + winner);
                    loser.disk.discard(common);
                    loser.state.stepDown();
                }
            }
        }
    }

    private boolean losesPower(SimNode node) {
        return switch (faults) {
            case NONE, PROCESS -> false;
            case ONE_POWER -> node.id == 0 && random.nextBoolean();
            case POWER, FORCE, HANDOVER -> random.nextBoolean();
        };
    }

    private void restartLater(SimNode node) {
        restartAt[node.id] = network.step + random.nextInt(random.nextBoolean() ? 20 : 400);
    }

    private void restart() {
        for (SimNode node : nodes) {
            if (!node.alive && network.step >= restartAt[node.id]) {
                node.start(
                        node.disk.storedPrimary
                                || (node.id == 0
                                        && nodes.stream().noneMatch(n -> n.disk.storedPrimary)));
            }
        }
    }

    boolean writes() {
        return healing ? random.nextInt(10) == 0 : random.nextInt(3) != 0;
    }

    void trace(SimNode node, String what) {
        trace.add(network.step + ": " + node + " " + what);
    }

    AssertionError violation(String what) {
        return new AssertionError(what);
    }

    /** A reply was sent: whoever counts has what it was about. */
    void answered(SimNode by, long end, boolean durable) {
        served++;
        long chain = by.disk.log.chainAt(end);
        boolean alone = by.state.reign().effectiveInSync().isEmpty();
        answers.add(new Answer(by, end, chain, durable, alone));
        for (UUID member : by.state.reign().effectiveInSync()) {
            SimNode replica = nodes.get((int) member.getLeastSignificantBits() - 1);
            long has = durable ? replica.disk.log.durable() : replica.disk.log.end();
            if ((durable || !replica.disk.everLostPower)
                    && replica.disk.highestEpoch <= by.disk.highestEpoch
                    && (has < end || replica.disk.log.chainAt(end) != chain)) {
                throw violation(
                        by
                                + " answered "
                                + end
                                + ", which in-sync "
                                + replica
                                + " does not hold, it ends at "
                                + has);
            }
        }
    }

    private void check() {
        for (SimNode node : nodes) {
            if (!node.alive) {
                continue;
            }
            long now = node.state.committed();
            if (node.disk.applied > node.disk.applyLimit
                    || node.disk.applyLimit > node.disk.log.durable()) {
                throw violation(
                        node
                                + ": applied "
                                + node.disk.applied
                                + ", limit "
                                + node.disk.applyLimit
                                + ", durable "
                                + node.disk.log.durable());
            }
            // A reign that opens inherits committed; its set catches up before anything is
            // answered.
            if (now > committed[node.id]
                    && node.state.reigning()
                    && node.state.phase() != Phase.OPENING) {
                if (now > node.disk.log.durable()) {
                    throw violation(
                            node + " commits " + now + ", durable " + node.disk.log.durable());
                }
                for (UUID member : node.state.reign().effectiveInSync()) {
                    SimNode replica = nodes.get((int) member.getLeastSignificantBits() - 1);
                    if (replica.disk.highestEpoch <= node.disk.highestEpoch
                            && (replica.disk.log.durable() < now
                                    || replica.disk.log.chainAt(now)
                                            != node.disk.log.chainAt(now))) {
                        throw violation(
                                node
                                        + " commits "
                                        + now
                                        + ", in-sync "
                                        + replica
                                        + " has durable "
                                        + replica.disk.log.durable());
                    }
                }
            }
            committed[node.id] = now;
        }
    }

    private boolean settled() {
        List<SimNode> primaries =
                nodes.stream().filter(n -> n.alive && n.state.phase() == Phase.SERVING).toList();
        if (primaries.size() != 1
                || nodes.stream().anyMatch(n -> !n.alive || n.stopping)
                || nodes.stream().filter(n -> n.state.reigning()).count() > 1) {
            return false;
        }
        SimNode primary = primaries.getFirst();
        return primary.state.peers().stream().allMatch(p -> p.following && p.acknowledged)
                && primary.state.reign().effectiveInSync().size() == size - 1
                && primary.state
                        .reign()
                        .effectiveInSync()
                        .equals(primary.state.reign().durableInSync());
    }

    private void atTheEnd() {
        if (!settled()) {
            throw violation("no primary serves with all replicas in sync");
        }
        SimNode primary =
                nodes.stream()
                        .filter(n -> n.state.phase() == Phase.SERVING)
                        .findFirst()
                        .orElseThrow();
        for (Answer answer : answers) {
            boolean mustBeThere =
                    switch (faults) {
                        case NONE, PROCESS -> true;
                        case ONE_POWER -> answer.durable() || !answer.alone();
                        case POWER, FORCE, HANDOVER -> answer.durable();
                    };
            // By force something may be given up, and is.
            if (!forced
                    && mustBeThere
                    && primary.disk.log.chainAt(answer.end()) != answer.chain()) {
                throw violation(
                        (answer.durable() ? "flushed " : "answered ")
                                + answer.end()
                                + " by "
                                + answer.by()
                                + " is lost");
            }
        }
        for (SimNode node : nodes) {
            long common = Math.min(node.disk.log.end(), primary.disk.log.end());
            if (node.disk.log.chainAt(common) != primary.disk.log.chainAt(common)) {
                throw violation("the logs of " + primary + " and " + node + " differ at " + common);
            }
        }
    }
}
