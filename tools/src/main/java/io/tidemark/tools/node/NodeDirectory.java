package io.tidemark.tools.node;

import io.tidemark.journal.DurableFolders;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node's directory, locked for the node's life. The lock goes with the process, so whoever holds
 * it knows that everything found in the directory belongs to a dead one.
 */
final class NodeDirectory implements AutoCloseable {
    private final Path path;
    private final FileChannel lockFile;
    private final UUID nodeId;

    private NodeDirectory(Path path, FileChannel lockFile, UUID nodeId) {
        this.path = path;
        this.lockFile = lockFile;
        this.nodeId = nodeId;
    }

    /**
     * Creates the directory if need be (mode 0700), locks it and reads or draws the node's
     * identity.
     *
     * @throws NodeException if another process has it
     */
    static NodeDirectory open(String node, Path path) {
        try {
            DurableFolders.create(path);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            FileChannel lockFile =
                    FileChannel.open(
                            path.resolve("node.lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            @Nullable FileLock lock = lockFile.tryLock();
            if (lock == null) {
                lockFile.close();
                throw new NodeException(
                        "node "
                                + node
                                + " runs already: its directory "
                                + path
                                + " is locked by another process. Stop that one first");
            }
            return new NodeDirectory(path, lockFile, NodeId.of(path));
        } catch (IOException e) {
            throw new NodeException(
                    "cannot use the directory "
                            + path
                            + " of node "
                            + node
                            + ": "
                            + e
                            + ". Check its file system and permissions",
                    e);
        }
    }

    UUID nodeId() {
        return nodeId;
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new NodeException("cannot release " + path, e);
        }
    }
}
