package io.tidemark.journal.replication;

/** Told by a resource when its clients may be served and when not. Data thread. */
public interface ResourceListener {
    /** This node is primary and takes requests. */
    void serving();

    /** Every connection is to be closed at once, without replies (I4); nothing more is appended. */
    void steppedDown();
}
