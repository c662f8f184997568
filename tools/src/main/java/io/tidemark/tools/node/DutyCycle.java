package io.tidemark.tools.node;

import io.tidemark.journal.aeron.AeronStack;
import io.tidemark.journal.replication.Peer;
import io.tidemark.journal.replication.PeerLinks;
import io.tidemark.journal.replication.ResourceAgent;
import io.tidemark.nbd.NbdServer;
import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The node's one data thread: everything that must not block, in one loop. Spins and yields while
 * positions move; blocks in one selector over all sockets, the driver's too, when nothing does.
 */
final class DutyCycle {
    /**
     * How long after the last movement the thread yields instead of blocking: each wake costs some
     * 15 us.
     */
    private static final long YIELD_NS = 200_000L;

    /** A longer gap between two cycles is this node's own pause and not held against its peers. */
    private static final long MAX_STEP_NS = 100_000_000L;

    private static final long[] BLOCK_MILLIS = {2, 10, 40, 90};

    private final Selector selector;
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final AeronStack stack;
    private final PeerLinks links;
    private final List<ResourceNode> resources;
    private final List<RefusedResource> refused;
    private final NbdServer server;
    private volatile boolean sleeping;

    /**
     * Something moved on another thread since the sleeping cycle began; its own selectNow may have
     * eaten the wake-up.
     */
    private volatile boolean woken;

    private long lastNs;
    private long dutyNs;
    private long movedNs;
    private long fingerprint;
    private int idleRounds;

    DutyCycle(
            Selector selector,
            AeronStack stack,
            PeerLinks links,
            NodeResources resources,
            NbdServer server) {
        this.selector = selector;
        this.stack = stack;
        this.links = links;
        this.resources = resources.running();
        this.refused = resources.refused();
        this.server = server;
        this.lastNs = System.nanoTime();
        this.dutyNs = 1;
    }

    /** Registers a UDP channel so that a datagram ends the idle thread's wait. */
    static void register(Selector selector, DatagramChannel channel) {
        try {
            channel.register(selector, SelectionKey.OP_READ);
        } catch (IOException e) {
            throw new NodeException("cannot watch a UDP socket: " + e, e);
        }
    }

    /** Runs a command on the data thread soon. Any thread. */
    void execute(Runnable command) {
        commands.add(command);
        selector.wakeup();
    }

    /**
     * Ends an idle wait, if there is one: something moved on another thread. Any thread; cheap when
     * not asleep.
     */
    void wakeup() {
        woken = true;
        if (sleeping) {
            selector.wakeup();
        }
    }

    /** One cycle with its share of idling. */
    void run() throws IOException {
        int work = cycle();
        long now = System.nanoTime();
        if (moved()) {
            movedNs = now;
            idleRounds = 0;
            return;
        }
        if (now - movedNs < YIELD_NS) {
            if (work == 0) {
                Thread.yield();
            }
            return;
        }
        woken = false;
        sleeping = true;
        cycle();
        if (!moved() && !woken && commands.isEmpty()) {
            selector.select(BLOCK_MILLIS[Math.min(idleRounds++ / 4, BLOCK_MILLIS.length - 1)]);
        }
        sleeping = false;
    }

    private int cycle() {
        long now = System.nanoTime();
        dutyNs += Math.min(now - lastNs, MAX_STEP_NS);
        lastNs = now;
        int work = stack.doWork();
        work += links.doWork(dutyNs);
        for (int i = 0; i < resources.size(); i++) {
            work += resources.get(i).doWork(dutyNs);
        }
        for (int i = 0; i < refused.size(); i++) {
            work += refused.get(i).doWork(dutyNs);
        }
        work += server.doWork();
        for (int i = 0; i < resources.size(); i++) {
            resources.get(i).afterSubmits();
        }
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
            command.run();
            work++;
        }
        return work;
    }

    /**
     * Whether a request came, a position moved or part of a log was exchanged since the last call;
     * the driver's heartbeats do not count.
     */
    private boolean moved() {
        long sum = server.requests() + server.bytesIn() + server.bytesOut();
        for (int i = 0; i < resources.size(); i++) {
            ResourceAgent agent = resources.get(i).agent();
            sum +=
                    agent.appended()
                            + agent.recorded()
                            + agent.durable()
                            + agent.state().committed()
                            + agent.mending().exchanged();
            List<Peer> peers = agent.state().peers();
            for (int j = 0; j < peers.size(); j++) {
                sum += peers.get(j).recorded() + peers.get(j).durable();
            }
        }
        boolean moved = sum != fingerprint;
        fingerprint = sum;
        return moved;
    }

    /** Now, by a clock that does not advance while this node stands still; nanoseconds. */
    long dutyNs() {
        return dutyNs;
    }
}
