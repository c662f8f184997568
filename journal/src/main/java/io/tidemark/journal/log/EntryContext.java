package io.tidemark.journal.log;

/**
 * What every entry's header says beside its own checks. Reused from entry to entry; data thread
 * only.
 */
public final class EntryContext {
    /** Committed position at the time of the append; tells later a torn tail from damage. */
    public long committed;

    /** The connection that asked, 0 for the node itself. */
    public long client;

    /** Index of the entry within its request. */
    public int part;

    public int volume;
    public boolean lastOfRequest = true;
    public boolean fua;
    public boolean noHole;

    /** Sets all for an entry that the node itself appends as a request of its own. */
    public EntryContext ofNode(long committedPosition) {
        committed = committedPosition;
        client = 0;
        part = 0;
        volume = 0;
        lastOfRequest = true;
        fua = false;
        noHole = false;
        return this;
    }
}
