package io.tidemark.journal.log;

import io.tidemark.journal.JournalException;

/**
 * Reads a log from a known trail to its end and finds where the last whole request ends.
 *
 * @param trail at that end
 * @param committed highest committed position that an entry carried, 0 if none
 * @param torn why the log was found to end before the recording does, empty if it did not
 */
public record LogScan(Trail trail, long committed, String torn) {

    /**
     * Walks the log. An invalid entry beyond {@code knownDurable} and beyond what later entries
     * call committed is the torn end of a crash; below, it is damage and nothing is cut.
     *
     * @param from where to begin
     * @param recordingEnd where the recording ends
     * @param knownDurable position that is known to have been on stable storage
     * @throws JournalException if the log is damaged
     */
    public static LogScan run(LogReader reader, Trail from, long recordingEnd, long knownDurable) {
        TrailReader walk = new TrailReader(from);
        long position = from.position();
        while (position < recordingEnd) {
            EntryCursor cursor = reader.load(position, recordingEnd);
            EntryCursor.Step step = cursor.next();
            while (step == EntryCursor.Step.ENTRY) {
                walk.entry(cursor);
                step = cursor.next();
            }
            if (step == EntryCursor.Step.INVALID) {
                if (cursor.position() < Math.max(knownDurable, walk.committed())) {
                    throw new JournalException(
                            JournalException.Code.DAMAGED,
                            "the log is damaged at position "
                                    + cursor.position()
                                    + " ("
                                    + cursor.problem()
                                    + "), below what was durable ("
                                    + Math.max(knownDurable, walk.committed())
                                    + "): nothing was cut. Restore the journal from a peer");
                }
                return new LogScan(
                        walk.trail(),
                        walk.committed(),
                        cursor.problem() + " at position " + cursor.position());
            }
            if (cursor.endPosition() == position) {
                return new LogScan(
                        walk.trail(), walk.committed(), "half a frame at position " + position);
            }
            position = cursor.endPosition();
        }
        String torn =
                walk.wholeEnd() < recordingEnd
                        ? "unfinished request at position " + walk.wholeEnd()
                        : "";
        return new LogScan(walk.trail(), walk.committed(), torn);
    }
}
