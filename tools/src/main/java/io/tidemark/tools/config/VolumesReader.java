package io.tidemark.tools.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads {@code [resources.NAME.volumes.*]}. */
final class VolumesReader {
    private static final int MAX_NUMBER = 65535;
    private static final List<String> KEYS = List.of("size", "partitions");
    private static final String SIZE_WHY = "A volume has at least one block of 4096 bytes";

    private VolumesReader() {}

    static List<VolumeSettings> read(final ConfigTable volumes, final PartitionPaths paths) {
        final List<VolumeSettings> result = new ArrayList<>();
        for (final String key : volumes.keys()) {
            final int number = number(volumes, key);
            final ConfigTable table = volumes.table(key, "[" + volumes.name() + "." + key + "]");
            table.allowOnly(KEYS);
            result.add(
                    new VolumeSettings(
                            number,
                            size(table),
                            paths.read(
                                    table.table(
                                            "partitions", "partitions.alpha = \"alpha.img\""))));
        }
        if (result.isEmpty()) {
            throw volumes.error("there are no volumes", "Add a table [" + volumes.name() + ".0]");
        }
        result.sort(Comparator.comparingInt(VolumeSettings::number));
        return result;
    }

    private static int number(final ConfigTable volumes, final String key) {
        if (key.matches("0|[1-9][0-9]{0,4}") && Integer.parseInt(key) <= MAX_NUMBER) {
            return Integer.parseInt(key);
        }
        throw volumes.error(
                key,
                "'" + key + "' is no volume number",
                "Choose a number from 0 to " + MAX_NUMBER);
    }

    private static long size(final ConfigTable table) {
        final long bytes =
                table.size("size", "size = \"1 GiB\"", VolumeSettings.BLOCK_BYTES, SIZE_WHY);
        if (bytes % VolumeSettings.BLOCK_BYTES != 0) {
            final long down = bytes - bytes % VolumeSettings.BLOCK_BYTES;
            throw table.error(
                    "size",
                    "'size' is " + bytes + " bytes, no multiple of " + VolumeSettings.BLOCK_BYTES,
                    "Choose " + down + " or " + (down + VolumeSettings.BLOCK_BYTES));
        }
        return bytes;
    }
}
