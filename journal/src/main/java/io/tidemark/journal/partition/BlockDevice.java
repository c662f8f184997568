package io.tidemark.journal.partition;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What sysfs knows of a block device: names that survive a reboot, read-only, relatives. Answers
 * are best effort: a file that cannot be read is a fact not known. Used at open only.
 *
 * @param number {@code major:minor}
 */
record BlockDevice(String number) {
    private static final Path SYSFS = Path.of("/sys/dev/block");

    /** The device behind a device node. */
    static BlockDevice of(Path node) throws IOException {
        long device = (long) Files.getAttribute(node, "unix:rdev");
        long major = ((device >>> 8) & 0xfff) | ((device >>> 32) & 0xfffff000L);
        long minor = (device & 0xff) | ((device >>> 12) & 0xffffff00L);
        return new BlockDevice(major + ":" + minor);
    }

    boolean readOnly() {
        return "1".equals(line(sysfs().resolve("ro")));
    }

    /**
     * This device, its partitions, and the disk it is a partition of: a claim on one of them is
     * felt by the others.
     */
    List<String> relatives() {
        List<String> numbers = new ArrayList<>();
        numbers.add(number);
        for (Path child : list(sysfs())) {
            if (Files.exists(child.resolve("partition"))) {
                addNumber(numbers, child);
            }
        }
        Path disk = disk();
        if (disk != null) {
            addNumber(numbers, disk);
        }
        return numbers;
    }

    /** Device-mapper, RAID and the like that were built on this device. */
    List<String> holders() {
        List<String> names = new ArrayList<>();
        for (Path holder : list(sysfs().resolve("holders"))) {
            String mapped = line(holder.resolve("dm/name"));
            names.add(mapped == null ? String.valueOf(holder.getFileName()) : mapped);
        }
        return names;
    }

    /**
     * What stays the same when the kernel numbers devices in another order; the number itself if
     * nothing better is known.
     */
    String identity() {
        for (String file : List.of("dm/uuid", "md/uuid", "loop/backing_file")) {
            String name = line(sysfs().resolve(file));
            if (name != null) {
                return "block " + file.substring(0, file.indexOf('/')) + " " + name;
            }
        }
        Path disk = disk();
        String worldWide = worldWideName(disk == null ? sysfs() : disk);
        if (worldWide == null) {
            return "block " + number;
        }
        String partition = line(sysfs().resolve("partition"));
        return "block " + worldWide + (partition == null ? "" : " partition " + partition);
    }

    private static @Nullable String worldWideName(Path disk) {
        for (String file : List.of("wwid", "device/wwid", "device/serial", "serial")) {
            String name = line(disk.resolve(file));
            if (name != null) {
                return name;
            }
        }
        return null;
    }

    private @Nullable Path disk() {
        if (!Files.exists(sysfs().resolve("partition"))) {
            return null;
        }
        try {
            return sysfs().toRealPath().getParent();
        } catch (IOException e) {
            return null;
        }
    }

    private Path sysfs() {
        return SYSFS.resolve(number);
    }

    private static void addNumber(List<String> numbers, Path device) {
        String found = line(device.resolve("dev"));
        if (found != null) {
            numbers.add(found);
        }
    }

    static @Nullable String line(Path file) {
        try {
            String text = Files.readString(file).strip();
            return text.isEmpty() ? null : text;
        } catch (IOException e) {
            return null;
        }
    }

    static List<Path> list(Path directory) {
        List<Path> entries = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
                stream.forEach(entries::add);
            } catch (IOException e) {
                return entries;
            }
        }
        return entries;
    }
}
