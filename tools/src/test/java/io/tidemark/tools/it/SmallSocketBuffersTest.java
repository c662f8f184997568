package io.tidemark.tools.it;

import io.tidemark.tools.client.NbdClient;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The socket buffers that a stock Debian grants, 208 KiB: with a window larger than that, datagrams
 * are lost again and again and replication stops for good.
 */
class SmallSocketBuffersTest {
    private static final int MIB = 1 << 20;

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void replicationIsSlowerButNeverStuck() throws Exception {
        cluster.configure(
                        new ClusterConfig(
                                List.of(Cluster.R0),
                                1,
                                64 * MIB,
                                List.of(),
                                "socket-buffer = \"208 KiB\""))
                .start();
        byte[] block = new byte[MIB];
        try (NbdClient client = cluster.alpha().connect(Cluster.R0)) {
            for (int i = 0; i < 64; i++) {
                block[0] = (byte) i;
                client.write((long) i * MIB, ByteBuffer.wrap(block), false);
            }
            client.flush();
        }
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
        Path replica = cluster.partition(cluster.beta(), "r0-0");
        Assertions.assertThat(Files.size(replica)).isEqualTo(64 * MIB);
    }
}
