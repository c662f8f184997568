package io.tidemark.journal.log;

/**
 * A stretch of the log that was durable on this node and cannot be read any more.
 *
 * @param from where it begins: the last valid entry, or padding, ends here
 * @param to where it ends: a valid entry begins here if {@code anchored}, else the position up to
 *     which the log is known to have been durable
 * @param anchored whether a valid entry of this node's log begins at {@code to}. It names one
 *     append (position, time, client, checksums), so a peer that has the same entry there has the
 *     same log before it
 * @param before the trail at the last end of a request at or below {@code from}
 * @param committed highest committed position that a valid entry before it carried
 * @param problem what is wrong at {@code from}
 */
public record Damage(
        long from, long to, boolean anchored, Trail before, long committed, String problem) {
    public Damage {
        if (from >= to || before.position() > from) {
            throw new IllegalArgumentException(
                    "damage from " + from + " to " + to + " after " + before.position());
        }
    }

    /** Bytes. */
    public long length() {
        return to - from;
    }

    @Override
    public String toString() {
        return "position " + from + " to " + to + " (" + problem + ")";
    }
}
