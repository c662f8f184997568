package io.tidemark.tools.crash;

import io.tidemark.tools.it.PairOnDisks.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The folders of one trial, in memory where there is room. Deleted at the end, unless it has failed
 * and -Dtidemark.keep is set; -Dtidemark.show prints the logs of a failed one.
 */
final class TrialFolder implements AutoCloseable {
    private static final Path MEMORY = Path.of("/dev/shm");

    private final Path path;
    private boolean passed;

    TrialFolder() throws IOException {
        path =
                Files.isWritable(MEMORY)
                        ? Files.createTempDirectory(MEMORY, "tm-crash")
                        : Files.createTempDirectory("tm-crash");
        for (Side side : Side.values()) {
            Files.createDirectory(disk(side));
            Files.createDirectory(host(side));
        }
    }

    Path path() {
        return path;
    }

    /** Where the node of this side has its disk. */
    Path disk(Side side) {
        return path.resolve(side.node() + "-disk");
    }

    /** Where a recording disk keeps its files. */
    Path host(Side side) {
        return path.resolve(side.node() + "-host");
    }

    Map<Side, Path> disks() {
        Map<Side, Path> disks = new EnumMap<>(Side.class);
        for (Side side : Side.values()) {
            disks.put(side, disk(side));
        }
        return disks;
    }

    void passed() {
        passed = true;
    }

    @Override
    public void close() throws IOException {
        if (!passed && Boolean.getBoolean("tidemark.show")) {
            for (Side side : Side.values()) {
                Path log = path.resolve(side.node() + ".log");
                if (Files.exists(log)) {
                    System.out.println("==== " + log + "\n" + Files.readString(log));
                }
            }
        }
        if (!passed && Boolean.getBoolean("tidemark.keep")) {
            System.out.println("kept: " + path);
        } else {
            delete(path);
        }
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
