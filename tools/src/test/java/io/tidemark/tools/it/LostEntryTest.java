package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.client.NbdClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A power cut may keep an entry and lose the one before it: neither was on stable storage. Then the
 * kept one must go for good, or the log would one day grow up to it and continue with it.
 */
class LostEntryTest {
    private static final long VOLUME = 16 << 20;
    private static final int BLOCK = 4096;

    /** Frame header, message header and entry header before the payload of a write. */
    private static final int BEFORE_PAYLOAD = 128;

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void anEntryBehindALostOneNeverComesBack() throws Exception {
        cluster.configure(VOLUME, "peer-wait = \"500 ms\"", "sync-interval = \"1 min\"");
        cluster.alpha().start("primary");
        awaitServing();
        try (NbdClient client = cluster.alpha().connect("r0")) {
            client.write(0, ByteBuffer.wrap(filled('a')), false);
            client.write(0, ByteBuffer.wrap(filled('b')), false);
        }
        cluster.alpha().kill();
        lose(filled('a'));
        assertThat(segmentHas(filled('b'))).isTrue();

        cluster.alpha().start("primary");
        awaitServing();
        ByteBuffer read = ByteBuffer.allocate(BLOCK);
        try (NbdClient client = cluster.alpha().connect("r0")) {
            client.read(0, read);
        }
        cluster.alpha().stop();

        assertThat(read.array()).containsOnly(0);
        assertThat(segmentHas(filled('b'))).isFalse();
    }

    private void awaitServing() throws InterruptedException {
        cluster.await(cluster.alpha(), "serves", s -> s.state().equals("serving"));
    }

    /** The frame with this payload reads as zeroes, as if it had not reached the disk. */
    private void lose(byte[] payload) throws IOException {
        byte[] bytes = Files.readAllBytes(segment());
        int at = indexOf(bytes, payload);
        int start = Math.max(0, at - BEFORE_PAYLOAD);
        try (FileChannel file = FileChannel.open(segment(), StandardOpenOption.WRITE)) {
            int frame = frameStart(bytes, start, at);
            file.write(ByteBuffer.allocate(at + BLOCK - frame), frame);
        }
    }

    /**
     * Frames are aligned to 32 bytes and the one wanted has the length that ends it behind its
     * payload.
     */
    private static int frameStart(byte[] bytes, int from, int payloadAt) {
        for (int at = from & -32; at < payloadAt; at += 32) {
            int length = ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt(at);
            if (at + length == payloadAt + BLOCK) {
                return at;
            }
        }
        throw new AssertionError("no frame before " + payloadAt);
    }

    private boolean segmentHas(byte[] payload) throws IOException {
        return indexOf(Files.readAllBytes(segment()), payload) >= 0;
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int at = 0; at + wanted.length <= bytes.length; at++) {
            if (bytes[at] == wanted[0]
                    && Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }

    private Path segment() throws IOException {
        try (var files = Files.list(cluster.alpha().settings().directory().resolve("journal"))) {
            return files.filter(f -> f.toString().endsWith("-0.rec")).findFirst().orElseThrow();
        }
    }

    private static byte[] filled(char value) {
        byte[] bytes = new byte[BLOCK];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
