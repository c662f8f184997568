package io.tidemark.journal.partition;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names what uses a partition, for the message that refuses it: mounts, swap, device-mapper and
 * loop devices, processes. Best effort, as far as /proc and /sys may be read. Used at open only.
 */
final class PartitionUsers {
    private PartitionUsers() {}

    static String ofDevice(Path path, BlockDevice device) {
        List<String> users = new ArrayList<>();
        addMounts(users, device.relatives());
        addSwap(users, device);
        for (String holder : device.holders()) {
            users.add("part of " + holder);
        }
        if (users.isEmpty()) {
            addProcesses(users, path);
        }
        return sentence(users);
    }

    /**
     * Locks of open file descriptions have no process in /proc/locks, so whoever has the file open
     * is named.
     */
    static String ofFile(Path path) {
        List<String> users = new ArrayList<>();
        addProcesses(users, path);
        return sentence(users);
    }

    /** The loop device that a file lies below, or null. Loop devices take no lock on their file. */
    static @Nullable String loopDeviceOn(Path path) {
        String real = real(path);
        for (Path device : BlockDevice.list(Path.of("/sys/block"))) {
            if (real.equals(BlockDevice.line(device.resolve("loop/backing_file")))) {
                return "/dev/" + device.getFileName();
            }
        }
        return null;
    }

    private static String sentence(List<String> users) {
        return users.isEmpty() ? "by something that cannot be named" : String.join(", ", users);
    }

    /**
     * Fields of mountinfo: 2 is major:minor, 4 the mount point; behind the separator are type and
     * source.
     */
    private static void addMounts(List<String> users, List<String> numbers) {
        for (String line : lines(Path.of("/proc/self/mountinfo"))) {
            List<String> fields = List.of(line.split(" "));
            int source = fields.indexOf("-") + 2;
            if (source < 7 || source >= fields.size()) {
                continue;
            }
            if (numbers.contains(fields.get(2)) || numbers.contains(number(fields.get(source)))) {
                users.add("mounted on " + unescape(fields.get(4)));
            }
        }
    }

    private static void addSwap(List<String> users, BlockDevice device) {
        for (String line : lines(Path.of("/proc/swaps"))) {
            int end = line.indexOf(' ');
            if (end > 0 && device.number().equals(number(line.substring(0, end)))) {
                users.add("swap space");
            }
        }
    }

    private static void addProcesses(List<String> users, Path path) {
        String real = real(path);
        String self = Long.toString(ProcessHandle.current().pid());
        for (Path process : BlockDevice.list(Path.of("/proc"))) {
            String pid = String.valueOf(process.getFileName());
            if (!Character.isDigit(pid.charAt(0)) || !hasOpen(process, real)) {
                continue;
            }
            String name =
                    pid.equals(self)
                            ? "this node itself"
                            : BlockDevice.line(process.resolve("comm"));
            users.add("by " + name + " (pid " + pid + ")");
        }
    }

    private static boolean hasOpen(Path process, String real) {
        for (Path descriptor : BlockDevice.list(process.resolve("fd"))) {
            if (real.equals(target(descriptor))) {
                return true;
            }
        }
        return false;
    }

    /** Empty if the descriptor was closed meanwhile. */
    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "";
        }
    }

    /** Of a mount's or swap's source; an empty string if it is no device. */
    private static String number(String source) {
        if (!source.startsWith("/dev/")) {
            return "";
        }
        try {
            return BlockDevice.of(Path.of(unescape(source))).number();
        } catch (IOException e) {
            return "";
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String unescape(String field) {
        return field.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
    }

    private static String real(Path path) {
        try {
            return path.toRealPath().toString();
        } catch (IOException e) {
            return path.toAbsolutePath().toString();
        }
    }
}
