package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.client.NbdClient;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A client that stops in the middle of a payload. */
class StalledClientTest {
    private static final int MIB = 1 << 20;
    private static final long OPTION_MAGIC = 0x49484156454F5054L;

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void itDelaysNobodyElseAndLeavesNothingInTheLog() throws Exception {
        cluster.configure(8 * MIB).start();
        long before = appended();
        try (Socket stalled = new Socket()) {
            stalled.connect((InetSocketAddress) cluster.alpha().nbd());
            writeHalfOfAMebibyte(stalled);
            try (NbdClient client = cluster.alpha().connect("r0")) {
                ByteBuffer block = ByteBuffer.allocateDirect(4096);
                long start = System.nanoTime();
                for (int i = 0; i < 50; i++) {
                    client.write(4L * MIB, block.clear().putInt(0, i), false);
                    client.flush();
                }
                assertThat(Duration.ofNanos(System.nanoTime() - start))
                        .isLessThan(Duration.ofSeconds(10));
            }
        }
        try (NbdClient client = cluster.alpha().connect("r0")) {
            ByteBuffer read = ByteBuffer.allocate(MIB);
            client.read(0, read);
            assertThat(read.array()).containsOnly((byte) 0);
            client.flush();
        }
        // 50 blocks and 50 flushes, but not the half request.
        assertThat(appended() - before).isLessThan(MIB / 2);
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    private long appended() throws Exception {
        return cluster.alpha().status("r0").positions().appended();
    }

    private static void writeHalfOfAMebibyte(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        in.skipNBytes(18);
        byte[] name = "r0".getBytes(StandardCharsets.US_ASCII);
        out.writeInt(3); // fixed newstyle, no zeroes
        out.writeLong(OPTION_MAGIC);
        out.writeInt(1); // EXPORT_NAME
        out.writeInt(name.length);
        out.write(name);
        out.flush();
        in.skipNBytes(10);
        out.writeInt(0x25609513);
        out.writeShort(0);
        out.writeShort(1); // WRITE
        out.writeLong(7);
        out.writeLong(0);
        out.writeInt(MIB);
        byte[] half = new byte[MIB / 2];
        Arrays.fill(half, (byte) 9);
        out.write(half);
        out.flush();
    }
}
