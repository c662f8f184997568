package io.tidemark.tools.config;

/** What a reply waits for; the setting {@code protocol} of a resource. */
public enum Protocol {
    /** Recorded by the primary. */
    A,
    /** Recorded by the primary and received by every in-sync replica. */
    B,
    /** Recorded by the primary and by every in-sync replica. */
    C
}
