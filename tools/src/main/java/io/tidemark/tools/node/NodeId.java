package io.tidemark.tools.node;

import io.tidemark.journal.DurableFolders;
import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.apply.SuperblockException;
import io.tidemark.journal.apply.SuperblockStore;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The file that says which node a directory belongs to. Drawn once, when there is nothing else in
 * the directory: a node that took another identity would be a stranger to its own superblocks and
 * to its peers' in-sync sets.
 *
 * <p>Called with the directory's lock held.
 */
final class NodeId {
    private static final String FILE = "node.id";

    private NodeId() {}

    /**
     * Reads the identity, or draws it for a directory that is new.
     *
     * @throws NodeException if the file is missing or damaged where there are superblocks
     */
    static UUID of(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (Files.exists(file)) {
            String text = Files.readString(file).strip();
            try {
                return UUID.fromString(text);
            } catch (IllegalArgumentException e) {
                throw new NodeException(file + " holds no UUID: " + remedy(directory), e);
            }
        }
        if (!superblocks(directory).isEmpty()) {
            throw new NodeException(
                    file + " is missing beside this node's superblocks: " + remedy(directory));
        }
        return draw(directory, file);
    }

    private static UUID draw(Path directory, Path file) throws IOException {
        UUID id = UUID.randomUUID();
        Path partial = directory.resolve(FILE + ".partial");
        Files.writeString(
                partial,
                id + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE,
                StandardOpenOption.SYNC);
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        DurableFolders.sync(directory);
        return id;
    }

    private static String remedy(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        List<UUID> known = remembered(directory);
        return switch (known.size()) {
            case 0 -> "restore it, or remove it if this node never held anything";
            case 1 -> "echo " + known.getFirst() + " > " + file;
            default -> "restore it; the superblocks are of several nodes: " + known;
        };
    }

    /** The nodes that the superblocks in a directory belong to. */
    private static List<UUID> remembered(Path directory) throws IOException {
        List<UUID> nodes = new ArrayList<>();
        for (Path superblock : superblocks(directory)) {
            nodeOf(superblock).ifPresent(nodes::add);
        }
        return nodes.stream().distinct().toList();
    }

    private static List<Path> superblocks(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        Path resources = directory.resolve("resources");
        if (Files.isDirectory(resources)) {
            try (DirectoryStream<Path> each = Files.newDirectoryStream(resources)) {
                for (Path resource : each) {
                    if (Files.exists(resource.resolve("superblock"))) {
                        files.add(resource.resolve("superblock"));
                    }
                }
            }
        }
        return files;
    }

    private static Optional<UUID> nodeOf(Path superblock) {
        try (SuperblockStore store = new SuperblockStore(superblock)) {
            return store.load().map(Superblock::node);
        } catch (SuperblockException e) {
            // Refused by itself, with its own remedy.
            return Optional.empty();
        }
    }
}
