package io.tidemark.tools.crash;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The names of a disk: folders, and files by their numbers. What lies in a folder that has no name
 * cannot be reached and does not exist. One thread.
 */
final class NameTree {
    /** In place of a file's number. */
    static final int FOLDER = -1;

    private final TreeMap<String, Integer> names = new TreeMap<>();

    void put(String path, int file) {
        if (hasParent(path)) {
            names.put(path, file);
        }
    }

    void remove(String path) {
        names.remove(path);
    }

    /** One step: a power cut leaves both changes or none. */
    void rename(String from, String to, int file) {
        names.remove(from);
        put(to, file);
    }

    @Nullable Integer get(String path) {
        return names.get(path);
    }

    /** By path, folders in front of what is in them. */
    Map<String, Integer> all() {
        return names;
    }

    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    private boolean hasParent(String path) {
        String parent = parent(path);
        return parent.isEmpty() || Integer.valueOf(FOLDER).equals(names.get(parent));
    }
}
