package io.tidemark.tools.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Programs of the system that the demo runs, and the Debian packages that hold them. */
final class Programs {
    static final Map<String, String> PACKAGES =
            Map.of(
                    "nbdcopy", "libnbd-bin",
                    "mkfs.ext4", "e2fsprogs",
                    "e2fsck", "e2fsprogs",
                    "qemu-img", "qemu-utils");

    private static final int SHOWN_LINES = 5;

    private Programs() {}

    /**
     * Where a program is. The folders of the system's administrator are searched too: they are on
     * nobody else's PATH, but what is in them works on files of one's own.
     */
    static Optional<Path> find(final String name) {
        final String path = String.valueOf(System.getenv("PATH")) + ":/usr/sbin:/sbin";
        return Arrays.stream(path.split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Runs a program to its end and returns what it said; anything but exit status 0 is a failure.
     */
    static String run(final String name, final String... arguments)
            throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>();
        command.add(find(name).map(Path::toString).orElse(name));
        command.addAll(List.of(arguments));
        final Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        try {
            final String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            final int status = process.waitFor();
            if (status != 0) {
                throw new DemoException(
                        "%s failed with exit status %d: %s"
                                .formatted(String.join(" ", command), status, lastLines(output)));
            }
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    private static String lastLines(final String output) {
        final List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
        try (Stream<String> last = lines.stream().skip(Math.max(0, lines.size() - SHOWN_LINES))) {
            return String.join(" | ", last.toList());
        }
    }
}
