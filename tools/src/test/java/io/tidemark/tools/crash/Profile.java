package io.tidemark.tools.crash;

/** Which of the unsynced operations of a disk a power cut leaves. */
enum Profile {
    /** None: the cache is lost as a whole. */
    NOTHING,
    /** All: what SIGKILL leaves, since the kernel lives on. */
    EVERYTHING,
    /** All, but the last write of every file is torn. */
    LAST_TORN,
    /** Each sector, size and name by itself, with a likelihood drawn for each file. */
    RANDOM,
    /** Only the newest operations of each file; those before them are lost. */
    NEWEST
}
