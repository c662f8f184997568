package io.tidemark.tools.node;

import java.util.ArrayList;
import java.util.List;

/**
 * Prints how the resources of a node stand: a line for each that starts with {@code ready} once all
 * are known, then one that starts with {@code state} for every change. Data thread only.
 */
final class StateLines {
    /** How long a starting primary may take to settle before the ready line calls it waiting. */
    private static final long SETTLE_NS = 2_000_000_000L;

    private final String node;
    private final List<NodeResource> resources;
    private final long startNs = System.nanoTime();
    private final List<String> shown = new ArrayList<>();

    StateLines(String node, List<NodeResource> resources) {
        this.node = node;
        this.resources = resources;
    }

    /** Looks at all of them, once per duty cycle. */
    void print() {
        if (shown.isEmpty()) {
            boolean early = System.nanoTime() - startNs < SETTLE_NS;
            for (NodeResource resource : resources) {
                if (!resource.settled(early)) {
                    return;
                }
            }
            for (NodeResource resource : resources) {
                shown.add(resource.label());
                print("ready", resource, shown.getLast());
            }
            return;
        }
        for (int i = 0; i < resources.size(); i++) {
            String label = resources.get(i).label();
            if (!label.equals(shown.get(i))) {
                shown.set(i, label);
                print("state", resources.get(i), label);
            }
        }
    }

    private void print(String what, NodeResource resource, String label) {
        System.out.println(what + " " + node + " " + resource.settings().name() + " " + label);
        System.out.flush();
    }
}
