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
     * @throws JournalException if the log is damaged
     */
    public static LogScan run(
            LogReader reader, Trail from, long recordingEnd, long knownDurable, UUID self) {
        TrailReader walk = new TrailReader(from);
        long position = from.position();
        while (position < recordingEnd) {
            EntryCursor cursor = reader.load(position, recordingEnd);
            EntryCursor.Step step = cursor.next();
            while (step == EntryCursor.Step.ENTRY) {
                walk.entry(cursor);
                step = cursor.next();
            }
            boolean stuck = step == EntryCursor.Step.END && cursor.endPosition() == position;
            if (step == EntryCursor.Step.INVALID || stuck) {
                long at = stuck ? position : cursor.position();
                String problem = stuck ? "half a frame" : cursor.problem();
                long durable = Math.max(knownDurable, walk.committed());
                if (at >= durable && walk.promises(self)) {
                    durable = committedLater(reader, at, recordingEnd);
                }
                if (at < durable) {
                    throw new JournalException(
                            JournalException.Code.DAMAGED,
                            "the log is damaged at position "
                                    + at
                                    + " ("
                                    + problem
                                    + "), below what was durable ("
                                    + durable
                                    + "): nothing was cut. Restore the journal from a peer");
                }
                return new LogScan(
                        walk.trail(), walk.committed(), at, problem + " at position " + at);
            }
            position = cursor.endPosition();
        }
        String torn =
                walk.wholeEnd() < recordingEnd
                        ? "unfinished request at position " + walk.wholeEnd()
                        : "";
        return new LogScan(walk.trail(), walk.committed(), recordingEnd, torn);
    }

    /**
     * Highest committed position that entries behind an invalid one carry; up to the first that
     * tells it for damage. Looks at every place where a frame may begin, since none is known.
     */
    private static long committedLater(LogReader reader, long invalid, long recordingEnd) {
        long committed = 0;
        long position = invalid;
        while (position < recordingEnd) {
            EntryCursor cursor = reader.load(position, recordingEnd);
            int next = 0;
            while (cursor.find(next)) {
                committed = Math.max(committed, cursor.header().committed());
                if (committed > invalid) {
                    return committed;
                }
                next = (int) (cursor.endPosition() - position);
            }
            if (recordingEnd - position <= reader.capacity()) {
                break;
            }
            // Pieces overlap by a frame, so that each lies in one of them whole.
            position += reader.capacity() - Math.min(EntryLayout.MAX_FRAME, reader.capacity() / 2);
            position &= -32L;
        }
        return committed;
    }
}
