package io.tidemark.tools.disk;

/** How much of a disk is taken, in pages, and how much there is. Any thread. */
final class DiskSpace {
    static final int PAGE = 4096;

    private long quota;
    private long used;

    DiskSpace(long quotaBytes) {
        this.quota = quotaBytes / PAGE;
    }

    synchronized void quota(long bytes) {
        quota = bytes / PAGE;
    }

    /** Takes as many of these pages as there are free ones and says how many. */
    synchronized long take(long pages) {
        long taken = Math.max(0, Math.min(pages, quota - used));
        used += taken;
        return taken;
    }

    synchronized void give(long pages) {
        used -= pages;
        assert used >= 0;
    }

    synchronized long totalPages() {
        return quota;
    }

    synchronized long freePages() {
        return Math.max(0, quota - used);
    }

    synchronized long usedBytes() {
        return used * PAGE;
    }
}
