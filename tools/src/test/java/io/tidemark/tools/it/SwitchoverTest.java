package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.demo.LedgerLoad;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Roles change hands under load, by the commands that people use: nothing answered is lost. */
class SwitchoverTest {
    private static final long AREA = 4 << 20;
    private static final int TURNS = 4;

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void theReignGoesToAndFroUnderLoad() throws Exception {
        cluster.configure(TURNS * AREA, "peer-timeout = \"2 s\"").start();
        NodeProcess primary = cluster.alpha();
        NodeProcess replica = cluster.beta();
        for (int turn = 0; turn < TURNS; turn++) {
            try (LedgerLoad load = new LedgerLoad(primary.nbd(), turn * AREA, (turn + 1) * AREA)) {
                load.awaitMore(200);
                CommandRun done = command(primary, "switchover", "r0", "--to", replica.name());
                cluster.await(replica, "serves", s -> s.state().equals("serving"));
                assertThat(done.output())
                        .as("what the command says")
                        .contains(replica.name() + " is primary of r0 in epoch " + (turn + 2));
                assertThat(done.status()).isZero();
                load.awaitEnd();
                load.verify(cluster.copyOf(replica, TURNS * AREA));
            }
            NodeProcess former = primary;
            primary = replica;
            replica = former;
            cluster.awaitInSync(primary, replica);
            assertThat(replica.status("r0").role()).isEqualTo("replica");
        }
        cluster.stopAndCompare(primary, replica);
    }

    @Test
    void aDemotedNodeServesNobodyAndAnotherOneThatReachesItIsPromotedWithoutForce()
            throws Exception {
        cluster.configure(AREA, "peer-timeout = \"2 s\"").start();
        NodeProcess alpha = cluster.alpha();
        NodeProcess beta = cluster.beta();
        try (LedgerLoad load = new LedgerLoad(alpha.nbd(), 0, AREA)) {
            load.awaitMore(200);
            CommandRun demoted = command(alpha, "demote", "r0");
            assertThat(demoted.output()).contains("alpha has ended epoch 1 of r0 and is a replica");
            load.awaitEnd();
            assertThat(alpha.status("r0").role()).isEqualTo("replica");
            assertThat(beta.status("r0").role()).isEqualTo("replica");

            // It keeps to it over a restart.
            alpha.stop();
            alpha.start("node").awaitReady();
            cluster.await(alpha, "waits", s -> s.state().equals("waiting"));

            CommandRun promoted = command(beta, "promote", "r0", "--yes");
            assertThat(promoted.output()).contains("beta is primary of r0");
            assertThat(promoted.status()).isZero();
            load.verify(cluster.copyOf(beta, AREA));
        }
        cluster.awaitInSync(beta, alpha);
        cluster.stopAndCompare(beta, alpha);
    }

    @Test
    void whatCannotBeIsRefusedAndChangesNothing() throws Exception {
        cluster.configure(AREA, "peer-timeout = \"1 s\"").start();
        NodeProcess alpha = cluster.alpha();
        NodeProcess beta = cluster.beta();
        assertRefused(command(beta, "switchover", "r0", "--to", "alpha"), "Its primary is alpha");
        assertRefused(command(beta, "demote", "r0"), "not served by this node");
        assertRefused(command(alpha, "switchover", "r0", "--to", "gamma"), "none of this node's");
        assertRefused(command(alpha, "switchover", "r9", "--to", "beta"), "no resource 'r9'");
        assertThat(command(alpha, "switchover", "r0", "--to", "beta", "--dry-run").output())
                .contains("alpha would end epoch 1 of r0, and beta go on");
        beta.kill();
        cluster.await(alpha, "beta is lost", s -> s.peers().getFirst().state().equals("lost"));
        assertRefused(command(alpha, "switchover", "r0", "--to", "beta"), "beta is lost");
        assertThat(alpha.status("r0").state()).isEqualTo("serving");
        assertThat(alpha.status("r0").epoch()).isEqualTo(1);
    }

    private static void assertRefused(CommandRun command, String why) {
        assertThat(command.output()).contains(why);
        assertThat(command.status()).isEqualTo(1);
    }

    private CommandRun command(NodeProcess node, String... words) throws Exception {
        return CommandRun.of(node, cluster.folder().resolve("t.toml"), words);
    }
}
