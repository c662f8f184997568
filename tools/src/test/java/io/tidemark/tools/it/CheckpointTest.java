package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.client.NbdClient;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Checkpoints bound what a restart reads again, also under a load that never pauses. */
class CheckpointTest {
    private static final int VOLUME = 64 << 20;
    private static final int MIB = 1 << 20;
    private static final int WRITES = 640;

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void aLoadWithoutAPauseIsCheckpointedByBytes() throws Exception {
        cluster.configure(
                VOLUME,
                "peer-wait = \"100 ms\"",
                "unapplied-limit = \"64 MiB\"",
                "checkpoint-interval = \"1 h\"",
                "checkpoint-bytes = \"32 MiB\"");
        cluster.alpha().start("primary");
        cluster.await(cluster.alpha(), "serves", s -> s.state().equals("serving"));
        Set<Long> checkpoints = new TreeSet<>();
        ByteBuffer block = ByteBuffer.allocateDirect(MIB);
        try (NbdClient client = cluster.alpha().connect("r0")) {
            for (int i = 0; i < WRITES; i++) {
                client.write((long) i * MIB % VOLUME, block.clear().putInt(0, i), false);
                if (i % 8 == 0) {
                    checkpoints.add(cluster.alpha().status("r0").positions().checkpoint());
                }
            }
        }
        assertThat(checkpoints).as("seen while it was written").hasSizeGreaterThan(3);

        cluster.alpha().kill();
        cluster.alpha().start("node");
        cluster.await(cluster.alpha(), "serves", s -> s.state().equals("serving"));
        try (NbdClient client = cluster.alpha().connect("r0")) {
            for (int i = WRITES - VOLUME / MIB; i < WRITES; i++) {
                client.read((long) i * MIB % VOLUME, block.clear());
                assertThat(block.getInt(0)).isEqualTo(i);
            }
        }
        cluster.alpha().stop();
    }
}
