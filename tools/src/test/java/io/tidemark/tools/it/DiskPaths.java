package io.tidemark.tools.it;

/** What lies where on a disk that holds a node's directory and its partition. */
final class DiskPaths {
    private DiskPaths() {}

    static boolean isSegment(String path) {
        return path.endsWith(".rec");
    }

    static boolean isJournal(String path) {
        return path.endsWith("/journal");
    }

    static boolean isPartition(String path) {
        return path.endsWith(".img");
    }

    static boolean isSuperblock(String path) {
        return path.endsWith("/superblock");
    }
}
