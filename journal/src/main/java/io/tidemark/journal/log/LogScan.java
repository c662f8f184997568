package io.tidemark.journal.log;

import io.tidemark.journal.JournalException;
import java.util.UUID;

/**
 * Reads a log from a known trail to its end and finds where the last whole request ends.
 *
 * @param trail at that end
 * @param committed highest committed position that an entry carried, 0 if none
 * @param validEnd end of the last valid entry; entries of an unfinished request may lie below it
 * @param torn why the log was found to end before the recording does, empty if it did not
 */
public record LogScan(Trail trail, long committed, long validEnd, String torn) {

    /**
     * Walks the log. An invalid entry beyond {@code knownDurable} and beyond what later entries
     * call committed is the torn end of a crash; below, it is damage and nothing is cut.
     *
     * @param from where to begin
     * @param recordingEnd where the recording ends
     * @param knownDurable position that is known to have been on stable storage
     * @param self this node: what later entries call committed proves something only if the tide
     *     mark waited for it
     * @param committedBefore highest committed position that entries before {@code from} carried
     * @throws DamagedLogException if part of the log must be had again from elsewhere
     * @throws JournalException if valid entries contradict each other
     */
    public static LogScan run(
            LogReader reader,
            Trail from,
            long recordingEnd,
            long knownDurable,
            UUID self,
            long committedBefore) {
        TrailReader walk = new TrailReader(from, committedBefore);
        long position = from.position();
        while (position < recordingEnd) {
            EntryCursor cursor = reader.loadOrZero(position, recordingEnd);
            EntryCursor.Step step = cursor.next();
            while (step == EntryCursor.Step.ENTRY) {
                walk.entry(cursor);
                step = cursor.next();
            }
            boolean stuck = step == EntryCursor.Step.END && cursor.endPosition() == position;
            if (step == EntryCursor.Step.INVALID || stuck) {
                long at = stuck ? position : cursor.position();
                String problem = stuck ? "half a frame" : cursor.problem();
                String torn = reader.withCause(problem + " at position " + at);
                long durable = Math.max(knownDurable, walk.committed());
                if (at >= durable && !(cursor.cutHere() && !stuck)) {
                    durable = new LaterClaims(reader, self, walk).committed(at, recordingEnd);
                }
                if (at < durable) {
                    throw reader.damaged(at, durable, walk, problem);
                }
                return new LogScan(walk.trail(), walk.committed(), at, torn);
            }
            position = cursor.endPosition();
        }
        String unfinished =
                walk.wholeEnd() < recordingEnd
                        ? "unfinished request at position " + walk.wholeEnd()
                        : "";
        return new LogScan(walk.trail(), walk.committed(), recordingEnd, unfinished);
    }
}
