package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.client.NbdClient;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One client that writes blocks round and round a volume, each with the number of its write, one
 * after the other, and remembers how many were answered. A write that has to wait makes it wait.
 */
final class LedgerWriter {
    private final SocketAddress server;
    private final int blockBytes;
    private final int blocks;
    private final AtomicLong answered = new AtomicLong();

    /**
     * @param blocks of the volume that are used
     */
    LedgerWriter(SocketAddress server, int blockBytes, int blocks) {
        this.server = server;
        this.blockBytes = blockBytes;
        this.blocks = blocks;
    }

    /** Writes until so many writes are answered in all; ends exceptionally when a write fails. */
    CompletableFuture<Void> upTo(long writes) {
        return CompletableFuture.runAsync(
                () -> {
                    try (NbdClient client = NbdClient.connect(server, Cluster.R0)) {
                        ByteBuffer buffer = ByteBuffer.allocateDirect(blockBytes);
                        while (answered.get() < writes) {
                            long number = answered.get() + 1;
                            client.write(
                                    (number - 1) % blocks * blockBytes,
                                    content(buffer, number),
                                    false);
                            answered.set(number);
                        }
                    } catch (IOException e) {
                        throw new IllegalStateException("a write failed: " + e, e);
                    }
                });
    }

    /** Number of writes that were answered. */
    long answered() {
        return answered.get();
    }

    /** Reads a block that was written long ago, over a connection of its own. */
    void readBack(long number) throws IOException {
        try (NbdClient client = NbdClient.connect(server, Cluster.R0)) {
            ByteBuffer found = ByteBuffer.allocateDirect(blockBytes);
            client.read((number - 1) % blocks * blockBytes, found);
            assertThat(found.flip()).isEqualTo(content(ByteBuffer.allocate(blockBytes), number));
        }
    }

    void flush() throws IOException {
        try (NbdClient client = NbdClient.connect(server, Cluster.R0)) {
            client.flush();
        }
    }

    /**
     * Every block of a partition is the last answered write to it, or a later one that was never
     * answered.
     *
     * @param unanswered most writes that may follow the answered ones
     */
    void compare(Path partition, int unanswered) throws IOException {
        try (FileChannel file = FileChannel.open(partition)) {
            ByteBuffer found = ByteBuffer.allocate(blockBytes);
            ByteBuffer wanted = ByteBuffer.allocate(blockBytes);
            long last = answered.get();
            for (long number = Math.max(1, last - blocks + 1 + unanswered);
                    number <= last;
                    number++) {
                file.read(found.clear(), (number - 1) % blocks * blockBytes);
                assertThat(found.flip())
                        .as("write %d on %s", number, partition.getFileName())
                        .isEqualTo(content(wanted, number));
            }
        }
    }

    private ByteBuffer content(ByteBuffer buffer, long number) {
        buffer.clear();
        while (buffer.hasRemaining()) {
            buffer.putLong(number * 1_000_003 + buffer.position());
        }
        return buffer.flip();
    }
}
