package io.tidemark.journal.replication;

import io.tidemark.journal.aeron.AeronSettings;
import io.tidemark.journal.log.EntryLayout;
import io.tidemark.journal.log.LogAppender;
import io.tidemark.journal.log.SpaceKeeper;

/**
 * What may go into the journal, as far as space is concerned: nothing is appended or followed that
 * the disk might not hold, because a write that fails in the archive ends the resource on this node
 * (I10). Requests wait instead, before anything is promised, and go on by themselves.
 *
 * <ul>
 *   <li>A client's request must fit as a whole, and leave {@link #CLIENT_RESERVE} for the node's
 *       own entries: epochs, in-sync sets, seals.
 *   <li>A replica records whatever comes, so it stops to follow while there is still room for what
 *       is under way, {@link #LEAVE}. That is less than a primary keeps free: two equal disks end
 *       in waiting requests, not in a set without the replica.
 *   <li>Once full, it goes on only when there is {@link #RESUME} more than it needs, so that it
 *       does not come and go with every block that is freed.
 * </ul>
 *
 * <p>Data thread only; allocates nothing per request.
 */
public final class JournalRoom {
    private static final System.Logger LOG = System.getLogger(JournalRoom.class.getName());

    private static final long MEBIBYTE = 1 << 20;

    /** Free at the end of the reserved journal, for the node's own entries. */
    static final long CLIENT_RESERVE = 16 * MEBIBYTE;

    /** What one entry of the node itself takes at most, with padding at a term's end. */
    static final long CONTROL = 4L * EntryLayout.MAX_FRAME;

    /** A replica leaves when less is left. Several times what its primary may have sent already. */
    static final long LEAVE = 8 * MEBIBYTE;

    /** A replica begins to follow when more than this is left. */
    private static final long FOLLOW = LEAVE + 4 * MEBIBYTE;

    /** How far a replica looks ahead. */
    private static final long LOOKAHEAD = 32 * MEBIBYTE;

    /** A replica far from the end asks again only after this much. */
    private static final long STRIDE = MEBIBYTE;

    static final long RESUME = 24 * MEBIBYTE;

    /** Enough for any request: no need to compute how much this one takes. */
    private static final long PLENTY = 64 * MEBIBYTE;

    private static final int NONE = -1;

    private final ResourceConfig config;
    private final LogControl log;
    private final ReplicationState state;
    private final PeerLinks links;
    private final SpaceKeeper keeper;
    private int question = NONE;
    private long watched;
    private boolean full;

    /** Beyond the log's end, what was wanted when it became full. */
    private long lacked;

    JournalRoom(
            ResourceConfig config,
            LogControl log,
            ReplicationState state,
            PeerLinks links,
            SpaceKeeper keeper) {
        this.config = config;
        this.log = log;
        this.state = state;
        this.links = links;
        this.keeper = keeper;
        log.recording().askBeforeRecording(keeper.zeroAhead()::mayRecord);
    }

    /** One cycle: tells where the log ends, stops to follow in time, goes on when space is back. */
    int doWork(long nowNs) {
        RuntimeException failed = keeper.failure();
        if (failed != null) {
            throw failed;
        }
        long recorded = log.recording().recorded();
        keeper.position(recorded, end());
        boolean before = full;
        if (full) {
            resume();
        } else if (log.recording().following() && log.quiet()) {
            watchFollowing(recorded);
            if (full) {
                leave(recorded, nowNs);
            }
        }
        return full == before ? 0 : 1;
    }

    // ---- questions before something is recorded

    /**
     * Whether a client's request may be appended. If not, space is asked for and the request is to
     * be offered again.
     *
     * @param bytes of its payload
     * @param slices that the payload comes in, 0 if there is none
     */
    public boolean fits(LogAppender appender, long bytes, int slices) {
        if (full) {
            return false;
        }
        long left = keeper.reserved() - appender.appended();
        if (left >= PLENTY) {
            return true;
        }
        long needed =
                CLIENT_RESERVE
                        + EntryLayout.encodedRequestBound(
                                bytes,
                                slices,
                                appender.maxPayload(),
                                AeronSettings.LOG_TERM_LENGTH);
        if (left >= needed) {
            return true;
        }
        ask(appender.appended(), needed, needed);
        return false;
    }

    /** Whether an entry of the node itself may be appended now. */
    boolean fitsControl() {
        return hasForControl(CONTROL);
    }

    /** Whether a log may be opened for appending: its epoch's start and end must fit. */
    boolean mayOpen() {
        return hasForControl(2 * CONTROL);
    }

    private boolean hasForControl(long bytes) {
        long position = end() + bytes;
        if (keeper.reservedForControl(position)) {
            return true;
        }
        if (!full && keeper.exhaustedForControl(position)) {
            becomeFull(bytes);
        }
        return false;
    }

    /** Whether this node may record a peer's log. */
    boolean mayFollow() {
        long end = end();
        return !full && (keeper.reserved() - end >= FOLLOW || ask(end, LOOKAHEAD, FOLLOW));
    }

    /** What a primary is told that wants this node to follow while there is no room. */
    Refusal refusal() {
        return new Refusal(
                Refusal.Code.JOURNAL_FULL,
                "the journal's disk on " + config.replication().node() + " is full");
    }

    // ---- for people

    /** Whether something waits for space. */
    public boolean full() {
        return full;
    }

    /** Bytes beyond the log's end that are sure to find space. */
    public long reservedBytes() {
        return Math.max(0, keeper.reserved() - end());
    }

    /** Bytes that have to become free before it goes on, as of the last look at the disk. */
    public long missingBytes() {
        long beyond = target() - Math.max(end(), keeper.reserved());
        return Math.max(0, beyond - keeper.availableBytes());
    }

    public SpaceKeeper keeper() {
        return keeper;
    }

    // ----

    private long end() {
        LogAppender appender = log.appender();
        return appender != null ? appender.appended() : log.recording().recorded();
    }

    private void watchFollowing(long recorded) {
        long left = keeper.reserved() - recorded;
        boolean soon = left < LEAVE + 2 * STRIDE;
        boolean moved = recorded < watched || recorded - watched >= (soon ? 1 : STRIDE);
        if (left < LOOKAHEAD && (moved || question != NONE)) {
            watched = recorded;
            ask(recorded, LOOKAHEAD, LEAVE);
        }
    }

    /**
     * Asks for space and looks at the answer when it is there, one of both per call.
     *
     * @param bytes asked for, beyond {@code from}
     * @param minimum with less than this it is full
     * @return whether the disk had the minimum a moment ago
     */
    private boolean ask(long from, long bytes, long minimum) {
        if (question == NONE) {
            question = keeper.ask(from + bytes, from + minimum);
            return false;
        }
        if (keeper.answered() - question < 0) {
            return false;
        }
        question = NONE;
        long reserved = keeper.reserved();
        if (!full && keeper.exhausted() && reserved >= 0 && reserved - from < minimum) {
            becomeFull(minimum);
        }
        return !full && reserved >= 0;
    }

    private void becomeFull(long needed) {
        full = true;
        lacked = needed;
        LOG.log(
                System.Logger.Level.WARNING,
                "{0}: the journal is full at position {1}, reserved up to {2}: {3}; {4} has {5} MiB"
                        + " free. Free {6} MiB there and it goes on by itself",
                config.replication().resource(),
                Long.toString(end()),
                Long.toString(keeper.reserved()),
                log.appender() != null
                        ? "writes wait, reads and flushes go on"
                        : "this node records nothing",
                keeper.disk().directory(),
                Long.toString(keeper.freeBytes() / MEBIBYTE),
                Long.toString(Math.ceilDiv(missingBytes(), MEBIBYTE)));
    }

    /** Position that must be reserved before it goes on. */
    private long target() {
        return end() + Math.max(lacked, log.appender() != null ? CLIENT_RESERVE : LEAVE) + RESUME;
    }

    private void resume() {
        long target = target();
        if (keeper.reserved() >= target) {
            full = false;
            question = NONE;
            LOG.log(
                    System.Logger.Level.INFO,
                    "{0}: the journal goes on at position {1}, reserved up to {2}; {3} has {4} MiB free",
                    config.replication().resource(),
                    Long.toString(end()),
                    Long.toString(keeper.reserved()),
                    keeper.disk().directory(),
                    Long.toString(keeper.freeBytes() / MEBIBYTE));
        } else if (!keeper.exhausted()) {
            keeper.ask(target, target);
        }
    }

    /** The primary must not wait until this node is overdue. */
    private void leave(long recorded, long nowNs) {
        int followed = state.followed();
        if (followed >= 0) {
            links.link(followed).sendLeave(nowNs, config.key());
        }
        state.followEnded(recorded);
    }
}
