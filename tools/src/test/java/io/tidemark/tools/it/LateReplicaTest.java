package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.client.NbdClient;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A replica that was never there catches up by replay. */
class LateReplicaTest {
    private static final int VOLUME = 128 << 20;
    private static final long WRITTEN = 512L << 20;

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void aReplicaThatJoinsAfterHalfAGigabyteEndsEqual() throws Exception {
        cluster.configure(VOLUME, "peer-wait = \"200 ms\"");
        cluster.alpha().start("primary").awaitReady();
        cluster.await(cluster.alpha(), "serves alone", s -> s.state().equals("serving"));
        write(cluster.alpha());
        assertThat(cluster.alpha().status("r0").positions().appended()).isGreaterThan(WRITTEN);

        cluster.beta().start("replica");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());

        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    private static void write(NodeProcess node) throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        ByteBuffer buffer = ByteBuffer.allocateDirect(4 << 20);
        try (NbdClient client = node.connect("r0")) {
            for (long written = 0; written < WRITTEN; written += buffer.capacity()) {
                buffer.clear().putLong(0, random.nextLong());
                buffer.putLong(buffer.capacity() / 2, written);
                client.write(written % VOLUME, buffer, false);
            }
            client.flush();
        }
    }
}
