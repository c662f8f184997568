package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Several random clients at once on ranges that touch each other in the middle of blocks, and the
 * independent model of what the volume must hold after them.
 */
final class RandomLoad {
    private static final int CLIENTS = 4;

    private final List<RandomClient> clients = new ArrayList<>();

    /**
     * @param length bytes of the volume's beginning to write to
     * @param budget bytes to write in all
     */
    RandomLoad(SocketAddress server, String export, int length, long budget) {
        long seed = Long.getLong("tidemark.seed", ThreadLocalRandom.current().nextLong());
        System.out.println("random load on " + export + ": -Dtidemark.seed=" + seed);
        int odd = 4096 / 2 + 7;
        int share = length / CLIENTS;
        int from = 0;
        for (int i = 0; i < CLIENTS; i++) {
            int to = i == CLIENTS - 1 ? length : (i + 1) * share + odd * (i + 1);
            clients.add(
                    new RandomClient(server, export, from, to - from, budget / CLIENTS, seed + i));
            from = to;
        }
    }

    /** Begins with what an earlier load of the same ranges left. */
    RandomLoad onTopOf(RandomLoad earlier) {
        for (int i = 0; i < CLIENTS; i++) {
            clients.get(i).begin(earlier.clients.get(i));
        }
        return this;
    }

    /** Runs all clients to their ends. */
    RandomLoad run() throws InterruptedException {
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (Future<Void> client : threads.invokeAll(clients)) {
                client.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError("a client failed: " + e.getCause(), e.getCause());
        }
        return this;
    }

    /** Compares the beginning of a partition with the model. */
    void compare(Path partition) throws IOException {
        try (FileChannel file = FileChannel.open(partition)) {
            for (RandomClient client : clients) {
                byte[] truth = client.truth();
                ByteBuffer found = ByteBuffer.allocate(truth.length);
                while (found.hasRemaining()
                        && file.read(found, client.from() + found.position()) > 0) {}
                int mismatch = found.flip().mismatch(ByteBuffer.wrap(truth));
                assertThat(mismatch < 0 ? -1 : client.from() + mismatch)
                        .as("first byte of %s that differs from the model", partition.getFileName())
                        .isEqualTo(-1);
            }
        }
    }
}
