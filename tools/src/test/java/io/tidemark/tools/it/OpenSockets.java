package io.tidemark.tools.it;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/** The network sockets of a process, as the kernel lists them. */
final class OpenSockets {
    private static final String MAPPED = "0000000000000000FFFF0000";

    private OpenSockets() {}

    /** Addresses that a process can be reached at, like {@code udp 127.0.0.1:7400}. */
    static List<String> of(long pid) throws IOException {
        Set<String> inodes = new HashSet<>();
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path file : files) {
                String target = target(file);
                if (target.startsWith("socket:[")) {
                    inodes.add(target.substring(8, target.length() - 1));
                }
            }
        }
        List<String> sockets = new ArrayList<>();
        for (String protocol : List.of("udp", "udp6", "tcp", "tcp6")) {
            Path table = Path.of("/proc", Long.toString(pid), "net", protocol);
            if (Files.exists(table)) {
                for (String line : Files.readAllLines(table)) {
                    String[] fields = line.strip().split(" +", -1);
                    if (fields.length > 9 && inodes.contains(fields[9])) {
                        sockets.add(protocol.substring(0, 3) + " " + address(fields[1]));
                    }
                }
            }
        }
        return sockets;
    }

    private static String target(Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    /** The kernel's form: the address in words of the host's byte order, then the port. */
    private static String address(String kernel) {
        String hex = kernel.substring(0, kernel.indexOf(':'));
        int port = Integer.parseInt(kernel.substring(kernel.indexOf(':') + 1), 16);
        String last = hex.startsWith(MAPPED) ? hex.substring(MAPPED.length()) : hex;
        if (last.length() > 8) {
            return "[" + hex + "]:" + port;
        }
        byte[] bytes = HexFormat.of().parseHex(last);
        return "%d.%d.%d.%d:%d"
                .formatted(bytes[3] & 255, bytes[2] & 255, bytes[1] & 255, bytes[0] & 255, port);
    }
}
