package io.tidemark.perf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A fresh folder for a run, removed afterwards. */
final class WorkFolder implements AutoCloseable {
    private final Path path;

    private WorkFolder(Path path) {
        this.path = path;
    }

    /**
     * @param parent where it is made; its file system is the one measured. Null for the folder of
     *     temporary files
     */
    static WorkFolder create(@Nullable Path parent) throws IOException {
        if (parent == null) {
            return new WorkFolder(Files.createTempDirectory("perf"));
        }
        Files.createDirectories(parent);
        return new WorkFolder(Files.createTempDirectory(parent.toAbsolutePath(), "perf"));
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
