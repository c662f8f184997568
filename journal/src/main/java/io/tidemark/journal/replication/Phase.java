package io.tidemark.journal.replication;

/** What a resource is doing on this node. */
public enum Phase {
    /** The log is being ended at its last whole request and synced. */
    RECOVERING("recovering"),
    /** Replica without a primary to follow. */
    WAITING("waiting"),
    /** Replica that records a primary's log. */
    FOLLOWING("following"),
    /** Candidate that has not heard from all it must hear from. */
    SETTLING("waiting-for"),
    /** Candidate that takes the end of the log from a peer that has more of it. */
    FETCHING("fetching"),
    /** Primary whose epoch's start is not yet committed, or that has too much to apply. */
    OPENING("opening"),
    /** Primary that takes requests. */
    SERVING("serving"),
    /** Ending its epoch for a clean stop. */
    CLOSING("closing"),
    /** Failed on this node (I10). */
    STOPPED("stopped");

    private final String text;

    Phase(String text) {
        this.text = text;
    }

    /** As shown to users. */
    public String text() {
        return text;
    }
}
