package io.tidemark.tools.crash;

/** What is done with the nodes after a crash. */
enum Plan {
    /** Both start in the roles that they had. */
    BOTH,
    /** Only the primary starts; it served alone when it crashed. */
    ALONE,
    /**
     * The replica, which was left behind, is made the primary by force; then the former primary
     * comes back.
     */
    FORCED
}
