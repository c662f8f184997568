package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two resources with two volumes each on the same two nodes. */
class SeveralResourcesTest {
    private static final int VOLUME = 16 << 20;

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void resourcesAndVolumesAreIndependent() throws Exception {
        cluster.configure(new ClusterConfig(List.of("r0", "r1"), 2, VOLUME, List.of()));
        cluster.beta().start("replica");
        cluster.alpha().start("primary");
        for (String resource : List.of("r0", "r1")) {
            cluster.awaitInSync(cluster.alpha(), cluster.beta(), resource);
        }
        Map<String, RandomLoad> loads = new TreeMap<>();
        for (String export : List.of("r0/0", "r0/1", "r1/0", "r1/1")) {
            loads.put(export, new RandomLoad(cluster.alpha().nbd(), export, VOLUME, 16 << 20));
        }
        runAll(loads.values());
        // The other resource's reign stays as it is.
        cluster.promote(cluster.beta(), "r1");
        cluster.awaitInSync(cluster.beta(), cluster.alpha(), "r1");
        assertThat(cluster.alpha().status("r0").role()).isEqualTo("primary");
        RandomLoad earlier = Objects.requireNonNull(loads.get("r1/0"));
        RandomLoad later = new RandomLoad(cluster.beta().nbd(), "r1/0", VOLUME, 8 << 20);
        loads.put("r1/0", later.onTopOf(earlier).run());

        cluster.alpha().stop();
        cluster.beta().stop();
        for (Map.Entry<String, RandomLoad> load : loads.entrySet()) {
            String volume = load.getKey().replace('/', '-');
            cluster.comparePartitions(volume);
            load.getValue().compare(cluster.partition(cluster.beta(), volume));
        }
    }

    private static void runAll(Iterable<RandomLoad> loads) throws Exception {
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<?>> running = new ArrayList<>();
            for (RandomLoad load : loads) {
                running.add(threads.submit(load::run));
            }
            for (Future<?> load : running) {
                load.get();
            }
        }
    }
}
