package io.tidemark.journal.replication;

import io.tidemark.journal.JournalException;
import io.tidemark.journal.aeron.Recording;
import org.jspecify.annotations.Nullable;

/**
 * Watches the recording: that of an appending node must not stop, that of a following one must grow
 * while its primary is ahead. The archive tells neither by itself. Data thread only.
 */
final class FollowWatch {
    private static final System.Logger LOG = System.getLogger(FollowWatch.class.getName());
    private static final long STUCK_NS = 5_000_000_000L;

    private final String resource;
    private final LogControl log;
    private final ReplicationState state;
    private long movedRecorded;
    private long movedNs;

    FollowWatch(String resource, LogControl log, ReplicationState state) {
        this.resource = resource;
        this.log = log;
        this.state = state;
    }

    /** Following begins. */
    void restart(long nowNs) {
        movedNs = nowNs;
    }

    int doWork(long nowNs) {
        Recording recording = log.recording();
        if (log.appender() != null && !recording.growing()) {
            throw stopped(recording, recording.writeFailure());
        }
        if (!recording.following() || !log.quiet()) {
            return 0;
        }
        if (!recording.pollFollow(System.nanoTime(), STUCK_NS)) {
            String cause = recording.writeFailure();
            if (cause != null) {
                throw stopped(recording, cause);
            }
            LOG.log(
                    System.Logger.Level.INFO,
                    "{0}: nothing more comes after position {1}: asking again",
                    resource,
                    Long.toString(recording.recorded()));
            state.followEnded(recording.recorded());
            return 1;
        }
        log.recordingKnown();
        long recorded = recording.recorded();
        if (state.fetchTarget() > 0 && recorded >= state.fetchTarget()) {
            state.followEnded(recorded);
        } else if (recorded != movedRecorded || state.news().appended() <= recorded) {
            movedRecorded = recorded;
            movedNs = nowNs;
        } else if (nowNs - movedNs > STUCK_NS) {
            movedNs = nowNs;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0}: recording has not moved from position {1}, the primary is at {2}: following again",
                    resource,
                    Long.toString(recorded),
                    Long.toString(state.news().appended()));
            state.followEnded(recorded);
        }
        return 0;
    }

    /**
     * Ends following, if there is any, and tells the node that was followed.
     *
     * @throws JournalException if the journal could not take the last blocks (I10)
     */
    void leave(PeerLinks links, int key, long nowNs) {
        int followed = state.followed();
        if (followed >= 0 && log.quiet() && log.recording().following()) {
            links.link(followed).sendLeave(nowNs, key);
            log.stopRecording();
        }
    }

    private static JournalException stopped(Recording recording, @Nullable String cause) {
        return new JournalException(
                JournalException.Code.FAILED,
                "the archive has stopped to record at position "
                        + recording.recorded()
                        + (cause == null ? "" : ": " + cause)
                        + ". Check the disk of the journal, then restart the node; the peers have the log");
    }
}
