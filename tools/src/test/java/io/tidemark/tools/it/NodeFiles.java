package io.tidemark.tools.it;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What an operator, a backup or an accident does to the files of a node that does not run. */
final class NodeFiles {
    private NodeFiles() {}

    /** Like {@code cp -a} and then {@code mv} over the original: the same, in other files. */
    static void replaceByCopy(Path file) throws IOException {
        Path copy = file.resolveSibling(file.getFileName() + "-copy");
        copy(file, copy);
        delete(file);
        Files.move(copy, file);
    }

    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                if (Files.isDirectory(each) || Files.isRegularFile(each)) {
                    Files.copy(
                            each,
                            to.resolve(from.relativize(each).toString()),
                            StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    static void delete(Path file) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> all = Files.walk(file)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path each : deepestFirst) {
                Files.delete(each);
            }
        }
    }

    /** Cuts it off or lets it end in a hole. */
    static void setLength(Path file, long bytes) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(bytes);
        }
    }

    static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(at);
            int before = open.read();
            open.seek(at);
            open.write(before ^ 0x10);
        }
    }
}
