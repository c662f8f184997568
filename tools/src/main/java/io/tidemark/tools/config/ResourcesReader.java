package io.tidemark.tools.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code [resources.*]}. */
final class ResourcesReader {
    private static final List<String> KEYS =
            List.of(
                    "protocol",
                    "volumes",
                    "peer-timeout",
                    "peer-wait",
                    "unapplied-limit",
                    "checkpoint-interval",
                    "checkpoint-bytes",
                    "sync-interval");
    private static final long DEFAULT_UNAPPLIED_BYTES = 256L << 20;
    private static final long DEFAULT_CHECKPOINT_BYTES = 1L << 30;
    private static final String CHECKPOINT_WHY =
            "It must hold the largest request ("
                    + ResourceSettings.MAX_REQUEST_BYTES / (1 << 20)
                    + " MiB)";
    private static final String UNAPPLIED_WHY =
            "It must hold two of the largest requests ("
                    + ResourceSettings.MAX_REQUEST_BYTES / (1 << 20)
                    + " MiB each)";

    private ResourcesReader() {}

    static List<ResourceSettings> read(
            final ConfigTable resources, final List<NodeSettings> nodes) {
        final PartitionPaths paths = new PartitionPaths(nodes);
        final List<ResourceSettings> result = new ArrayList<>();
        for (final String name : resources.keys()) {
            Names.check(resources, name);
            refuseCollision(resources, name, result);
            result.add(resource(name, resources.table(name, "[resources." + name + "]"), paths));
        }
        if (result.isEmpty()) {
            throw resources.error(
                    "there are no resources", "Add a table [resources.NAME] for each");
        }
        return result;
    }

    private static ResourceSettings resource(
            final String name, final ConfigTable table, final PartitionPaths paths) {
        table.allowOnly(KEYS);
        final Duration ms100 = Duration.ofMillis(100);
        return new ResourceSettings(
                name,
                protocol(table),
                VolumesReader.read(
                        table.table("volumes", "a table [resources." + name + ".volumes.0]"),
                        paths),
                table.durationOr(
                        "peer-timeout", Duration.ofSeconds(5), ms100, Duration.ofMinutes(10)),
                table.durationOr(
                        "peer-wait", Duration.ofSeconds(10), Duration.ZERO, Duration.ofHours(1)),
                table.sizeOr(
                        "unapplied-limit",
                        DEFAULT_UNAPPLIED_BYTES,
                        ResourceSettings.MIN_UNAPPLIED_BYTES,
                        UNAPPLIED_WHY),
                table.durationOr(
                        "checkpoint-interval", Duration.ofSeconds(10), ms100, Duration.ofHours(1)),
                table.sizeOr(
                        "checkpoint-bytes",
                        DEFAULT_CHECKPOINT_BYTES,
                        ResourceSettings.MAX_REQUEST_BYTES,
                        CHECKPOINT_WHY),
                table.durationOr(
                        "sync-interval",
                        Duration.ofSeconds(1),
                        Duration.ofMillis(1),
                        Duration.ofMinutes(1)));
    }

    private static Protocol protocol(final ConfigTable table) {
        if (!table.has("protocol")) {
            return Protocol.C;
        }
        final String text = table.string("protocol", "protocol = \"C\"");
        for (final Protocol protocol : Protocol.values()) {
            if (protocol.name().equals(text)) {
                return protocol;
            }
        }
        throw table.error(
                "protocol",
                "'" + text + "' is no protocol",
                "Choose A (recorded here), B (received there too) or C (recorded there too)");
    }

    private static void refuseCollision(
            final ConfigTable resources, final String name, final List<ResourceSettings> others) {
        for (final ResourceSettings other : others) {
            if (other.key() == ResourceSettings.key(name)) {
                throw resources.error(
                        name,
                        "the names '%s' and '%s' have the same hash".formatted(name, other.name()),
                        "Choose another name for one of the two resources");
            }
        }
    }
}
