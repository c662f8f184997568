package io.tidemark.tools.it;

import java.util.List;

/**
 * What a test's nodes hold.
 *
 * @param resources names
 * @param volumes per resource
 * @param volumeBytes size of each volume
 * @param settings lines for each resource
 * @param nodeSettings lines for each node
 */
record ClusterConfig(
        List<String> resources,
        int volumes,
        long volumeBytes,
        List<String> settings,
        String nodeSettings) {
    ClusterConfig(List<String> resources, int volumes, long volumeBytes, List<String> settings) {
        this(resources, volumes, volumeBytes, settings, "");
    }

    static ClusterConfig of(long volumeBytes, String... settings) {
        return new ClusterConfig(List.of(Cluster.R0), 1, volumeBytes, List.of(settings));
    }

    /**
     * The file's text.
     *
     * @param place where a node's files lie, as a format of its name, with a / at the end or empty
     */
    String text(PortBlock alpha, PortBlock beta, String place) {
        String ofAlpha = place.formatted("alpha");
        String ofBeta = place.formatted("beta");
        StringBuilder text =
                new StringBuilder(node("alpha", ofAlpha, alpha)).append(node("beta", ofBeta, beta));
        for (String resource : resources) {
            text.append("[resources.%s]\n".formatted(resource));
            settings.forEach(line -> text.append(line).append('\n'));
            for (int volume = 0; volume < volumes; volume++) {
                text.append(
                        """
                        [resources.%1$s.volumes.%2$d]
                        size = %3$d
                        partitions.alpha = "%4$salpha-%1$s-%2$d.img"
                        partitions.beta = "%5$sbeta-%1$s-%2$d.img"
                        """
                                .formatted(resource, volume, volumeBytes, ofAlpha, ofBeta));
            }
        }
        return text.toString();
    }

    private String node(String name, String place, PortBlock ports) {
        return """
        [nodes.%1$s]
        address = "127.0.0.1"
        port = %2$d
        directory = "%5$s%1$s"
        nbd = "127.0.0.1:%3$d"
        %4$s
        """
                .formatted(name, ports.udp(), ports.nbd(), nodeSettings, place);
    }
}
