package io.tidemark.tools.it;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random requests of several clients: both partitions end as the independent model says, the
 * journals are equal.
 */
class ModelTest {
    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void bothPartitionsEndAsTheModelSaysAndBothJournalsAreEqual() throws Exception {
        cluster.configure(64 << 20, "unapplied-limit = \"64 MiB\"").start();

        RandomLoad load = new RandomLoad(cluster.alpha().nbd(), "r0", 64 << 20, 256L << 20).run();
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());

        load.compare(cluster.partition(cluster.alpha(), "r0-0"));
        load.compare(cluster.partition(cluster.beta(), "r0-0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"A", "B"})
    void theReplicaEndsEqualUnderTheOtherProtocolsToo(String protocol) throws Exception {
        cluster.configure(32 << 20, "protocol = \"" + protocol + "\"").start();

        RandomLoad load = new RandomLoad(cluster.alpha().nbd(), "r0", 32 << 20, 48L << 20).run();
        cluster.await(
                cluster.alpha(),
                "beta has recorded everything",
                status ->
                        status.peers().getFirst().positions().recorded()
                                == status.positions().appended());
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());

        load.compare(cluster.partition(cluster.beta(), "r0-0"));
    }
}
