package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.tools.admin.AdminClient;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.AdminJson;
import io.tidemark.tools.admin.PromotePreview;
import io.tidemark.tools.client.NbdClient;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The end of a log that is damaged, and that nobody has: it is given up by force, or not at all.
 */
class GiveUpTest {
    private static final long VOLUME = 16 << 20;
    private static final String[] SETTINGS = {
        "checkpoint-interval = \"1 h\"", "peer-wait = \"3 s\"", "peer-timeout = \"2 s\""
    };

    @RegisterExtension private final Cluster cluster = new Cluster();

    private static void write(NodeProcess node, long offset, int length, int value)
            throws Exception {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        try (NbdClient client = node.connect("r0")) {
            client.write(offset, ByteBuffer.wrap(bytes), true);
        }
    }

    private static byte read(NodeProcess node, long offset) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocateDirect(4096);
        try (NbdClient client = node.connect("r0")) {
            client.read(offset, bytes);
        }
        return bytes.flip().get();
    }

    private static PromotePreview preview(NodeProcess node) throws AdminException {
        return AdminJson.record(
                new AdminClient(node.settings().adminSocket())
                        .call(
                                "promote-preview",
                                AdminJson.object().put("resource", "r0").put("force", true),
                                AdminClient.DEFAULT_TIMEOUT),
                PromotePreview.class);
    }

    /**
     * Alpha serves alone; what it writes first is applied, what it writes then is damaged before it
     * is. Returns where.
     */
    private long damagedOnAlphaAlone() throws Exception {
        cluster.configure(VOLUME, SETTINGS).start();
        write(cluster.alpha(), 0, 8192, 1);
        for (NodeProcess node : List.of(cluster.alpha(), cluster.beta())) {
            cluster.await(
                    node,
                    "has applied the first write",
                    s -> s.positions().applied() >= s.positions().recorded() - 1000);
        }
        cluster.beta().stop();
        long before = cluster.alpha().status("r0").positions().recorded();
        write(cluster.alpha(), 8192, 8192, 2);
        JournalDamage journal = new JournalDamage(cluster.alpha());
        // Before it there may be the new in-sync set.
        long damaged = journal.frames(before, Long.MAX_VALUE).getLast();
        journal.flip(damaged + 200, 4);
        write(cluster.alpha(), 16384, 8192, 3);
        return damaged;
    }

    @Test
    void byForceTheLogEndsBeforeTheDamageAndTheRestIsKept() throws Exception {
        long damaged = damagedOnAlphaAlone();
        cluster.await(cluster.alpha(), "has stopped", s -> s.state().equals("stopped"));
        cluster.alpha().stop();
        cluster.alpha().start("node");
        cluster.await(
                cluster.alpha(),
                "says what would help",
                s -> s.state().equals("mending") && s.detail().contains("promote --force"));
        long end = cluster.alpha().status("r0").positions().recorded();
        byte[] lost = new JournalDamage(cluster.alpha()).read(damaged, (int) (end - damaged));

        PromotePreview preview = preview(cluster.alpha());
        assertThat(preview.allowed()).isTrue();
        assertThat(preview.needsForce()).isTrue();
        assertThat(String.join("\n", preview.lines()))
                .contains("damaged here at position " + damaged)
                .contains("positions %d to %d, %d bytes".formatted(damaged, end, end - damaged))
                .contains("beta: not reachable");
        assertThat(cluster.alpha().status("r0").state()).isEqualTo("mending");

        cluster.promote(cluster.alpha());

        Path branches = cluster.alpha().settings().directory().resolve("resources/r0/branches");
        try (Stream<Path> files = Files.list(branches)) {
            List<Path> kept = files.toList();
            assertThat(kept).hasSize(1);
            assertThat(kept.getFirst().getFileName().toString())
                    .contains("from-" + damaged + "-to-" + end)
                    .endsWith("-damaged.log");
            assertThat(Files.readAllBytes(kept.getFirst())).isEqualTo(lost);
        }
        assertThat(read(cluster.alpha(), 0)).isEqualTo((byte) 1);
        assertThat(read(cluster.alpha(), 8192)).isZero();
        assertThat(read(cluster.alpha(), 16384)).isZero();
        write(cluster.alpha(), 8192, 4096, 4);
        cluster.beta().start("node");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    @Test
    void aPartitionThatMayHoldSomeOfItIsNotPromotedEvenByForce() throws Exception {
        cluster.configure(VOLUME, SETTINGS).start();
        for (int i = 0; i < 50; i++) {
            write(cluster.alpha(), i * 8192L, 8192, i);
        }
        cluster.await(
                cluster.alpha(),
                "has applied everything",
                s -> s.positions().applied() >= s.positions().recorded() - 1000);
        cluster.alpha().kill();
        JournalDamage journal = new JournalDamage(cluster.alpha());
        List<Long> frames = journal.frames(0, Long.MAX_VALUE);
        journal.flip(frames.get(frames.size() / 2) + 60, 3);
        cluster.beta().kill();
        cluster.alpha().start("node");
        cluster.await(cluster.alpha(), "mends", s -> s.state().equals("mending"));
        assertThat(preview(cluster.alpha()).allowed()).isFalse();
        assertThatThrownBy(() -> cluster.promote(cluster.alpha()))
                .isInstanceOf(AdminException.class)
                .hasMessageContaining("the partitions may hold some of what lies up to");
        assertThat(cluster.alpha().status("r0").state()).isEqualTo("mending");
        cluster.beta().start("node");
        cluster.awaitInSync(cluster.alpha(), cluster.beta());
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    /** It would cut it off to follow, were it whole. */
    @Test
    void whatTheReigningPrimaryGoesOnWithoutIsGivenUpWithoutAsking() throws Exception {
        damagedOnAlphaAlone();
        cluster.alpha().kill();
        cluster.beta().start("node").awaitReady();
        cluster.promote(cluster.beta());
        cluster.alpha().start("node");
        cluster.awaitInSync(cluster.beta(), cluster.alpha());
        assertThat(cluster.alpha().lines())
                .anyMatch(l -> l.contains("beta reigns in a later epoch without them"));
        cluster.stopAndCompare(cluster.beta(), cluster.alpha());
    }
}
