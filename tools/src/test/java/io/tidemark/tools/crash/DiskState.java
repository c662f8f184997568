package io.tidemark.tools.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What is on a disk after a power cut.
 *
 * @param images content of files by their numbers; one without an entry is empty
 */
record DiskState(NameTree names, Map<Integer, FileImage> images) {
    /** Makes folders and files in an empty folder. Sockets do not outlive a power cut. */
    void writeTo(Path root) throws IOException {
        for (Map.Entry<String, Integer> name : names.all().entrySet()) {
            Path path = root.resolve(name.getKey());
            if (name.getValue() == NameTree.FOLDER) {
                Files.createDirectory(path);
            } else if (!name.getKey().endsWith(".sock")) {
                image(name.getValue()).writeTo(path);
            }
        }
    }

    FileImage image(int file) {
        return images.getOrDefault(file, new FileImage());
    }
}
