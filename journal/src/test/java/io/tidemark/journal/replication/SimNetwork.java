package io.tidemark.journal.replication;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Delivers messages in order per pair of nodes, late, and sometimes not at all. */
final class SimNetwork {
    private record Message(long atStep, int incarnation, Consumer<SimNode> effect) {}

    private final SplittableRandom random;
    private final Deque<Message>[][] queues;
    private final long[][] cutUntil;
    double loss;
    long step;

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of queues
    SimNetwork(SplittableRandom random, int nodes) {
        this.random = random;
        queues = new Deque[nodes][nodes];
        cutUntil = new long[nodes][nodes];
        for (Deque<Message>[] from : queues) {
            for (int i = 0; i < nodes; i++) {
                from[i] = new ArrayDeque<>();
            }
        }
    }

    /** Whether two nodes see each other at the moment. */
    boolean connected(int one, int other) {
        return step >= cutUntil[Math.min(one, other)][Math.max(one, other)];
    }

    void cut(int one, int other, long steps) {
        cutUntil[Math.min(one, other)][Math.max(one, other)] = step + steps;
    }

    void heal() {
        loss = 0;
        for (long[] until : cutUntil) {
            java.util.Arrays.fill(until, 0);
        }
    }

    void send(SimNode from, int to, Consumer<SimNode> effect) {
        if (!connected(from.id, to) || random.nextDouble() < loss) {
            return;
        }
        Deque<Message> queue = queues[from.id][to];
        long after = queue.isEmpty() ? step : queue.getLast().atStep();
        long at = Math.max(after, step + random.nextInt(3));
        queue.add(new Message(at, from.incarnation, effect));
    }

    void deliver(SimNode to) {
        for (Deque<Message>[] from : queues) {
            Deque<Message> queue = from[to.id];
            while (!queue.isEmpty() && queue.getFirst().atStep() <= step) {
                queue.removeFirst().effect().accept(to);
            }
        }
    }

    void drop(int to) {
        for (Deque<Message>[] from : queues) {
            from[to].clear();
        }
    }
}
