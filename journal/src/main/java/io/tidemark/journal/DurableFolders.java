package io.tidemark.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Folders that survive a power cut by name. A synced file in a folder whose own name was never
 * synced is gone with that folder, and with it everything that was acknowledged.
 */
public final class DurableFolders {
    private DurableFolders() {}

    /**
     * Creates a folder and those above it as far as they are missing, and makes their names
     * durable; also that of a folder which is there, because the process that made it may have died
     * before it was. Blocks for a sync per folder. Any thread.
     */
    public static void create(Path folder) throws IOException {
        Path absolute = folder.toAbsolutePath();
        Path parent = absolute.getParent();
        if (parent == null) {
            return;
        }
        if (!Files.isDirectory(absolute)) {
            create(parent);
            Files.createDirectories(absolute);
        }
        sync(parent);
    }

    /** Makes the names in a folder durable: of files created, renamed or deleted there. Blocks. */
    public static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Creates the folder that a file is to be in, durably; see {@link #create}. */
    public static void createParentOf(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            create(parent);
        }
    }

    /** Makes the name of a file or folder durable. Blocks. */
    public static void syncNameOf(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            sync(parent);
        }
    }
}
