package io.tidemark.tools.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A block device that lies on a file. */
final class LoopDevice implements AutoCloseable {
    private final Path path;

    private LoopDevice(Path path) {
        this.path = path;
    }

    /** Skips the test where loop devices cannot be made. */
    static LoopDevice attach(Path file) throws IOException {
        try {
            String device = run("losetup", "--find", "--show", file.toString());
            assumeTrue(device.startsWith("/dev/loop"), "no loop devices here: " + device);
            return new LoopDevice(Path.of(device));
        } catch (IOException e) {
            assumeTrue(false, "no losetup here: " + e);
            throw e;
        }
    }

    Path path() {
        return path;
    }

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.onExit().join();
        return output.strip();
    }

    @Override
    public void close() throws IOException {
        run("losetup", "--detach", path.toString());
    }
}
