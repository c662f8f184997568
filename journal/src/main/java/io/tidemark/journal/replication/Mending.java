package io.tidemark.journal.replication;

import io.tidemark.journal.JournalException;
import io.tidemark.journal.apply.Applier;
import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.epoch.EpochIdentity;
import io.tidemark.journal.log.Damage;
import io.tidemark.journal.log.DamagedLogException;
import io.tidemark.journal.log.LogFiles;
import io.tidemark.journal.log.RangePatch;
import io.tidemark.journal.log.RangeReader;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Mends a damaged log of this node: asks one peer after the other for the frames that should be
 * there, has the applier check and write them, and lets it go on where it stopped.
 *
 * <pre>
 *   applier finds damage -> ask a peer -> its frames -> applier checks, writes -> ... -> goes on
 *                             ^   refused, no answer, not this log: the next peer |
 *                             +---------------------------------------------------+
 * </pre>
 *
 * While the log is recovered this goes on until somebody has the range: what was durable is never
 * given up by itself. A running node goes on serving or following meanwhile, and stops with the
 * cause if nobody has it within the time that a node waits for peers (I10).
 *
 * <p>Data thread only. One request is under way at a time.
 */
public final class Mending {
    private static final System.Logger LOG = System.getLogger(Mending.class.getName());
    private static final long ANSWER_NS = 1_000_000_000L;
    private static final long ROUND_NS = 500_000_000L;
    private static final long PROGRESS_NS = 1_000_000_000L;
    private static final long STILL_NS = 10_000_000_000L;
    private static final long NOTHING = Long.MAX_VALUE;

    private final ResourceConfig config;
    private final List<String> peers;
    private final PeerLinks links;
    private final LogFiles files;
    private final Applier applier;
    private final Projection projection;
    private final LogControl log;
    private final ReplicationState state;
    private final RangeAnswers giver;
    private final String[] answers;
    private @Nullable RangePatch patch;
    private RangePatch.@Nullable Remembered remembered;
    private long request = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE / 2);
    private int peer;
    private int asked;
    private int rejectedBy;
    private boolean waiting;
    private boolean checking;
    private boolean recovering;

    /** An operator has given up what lies from here on, {@link #NOTHING} if not. */
    private long givenUpFrom = NOTHING;

    private long askedNs;
    private long pauseUntilNs;
    private long movedNs;
    private long saidNs;
    private long mendedRanges;
    private long nowNs;
    private long asks;

    Mending(
            ResourceConfig config,
            PeerLinks links,
            LogFiles files,
            Applier applier,
            Projection projection,
            LogControl log,
            ReplicationState state,
            RangeReader ranges) {
        this.config = config;
        this.peers = config.replication().peers();
        this.giver =
                new RangeAnswers(
                        config, links, log.recording(), applier, projection, state, ranges);
        this.links = links;
        this.files = files;
        this.applier = applier;
        this.projection = projection;
        this.log = log;
        this.state = state;
        this.answers = new String[peers.size()];
    }

    /**
     * One step.
     *
     * @throws JournalException if the log cannot be mended and this node has to stop
     */
    int doWork(long dutyNowNs) {
        nowNs = dutyNowNs;
        recovering &= !log.quiet();
        givenUpFrom = recovering ? givenUpFrom : NOTHING;
        return giver.doWork(nowNs) + mend();
    }

    private int mend() {
        Damage damage = applier.damage();
        RangePatch current = patch;
        if (current != null && !stands(current)) {
            patch = null;
            current = null;
        }
        if (damage == null || !applier.idle() || !log.mayMend()) {
            return 0;
        }
        if (current == null) {
            begin(damage);
            return 1;
        }
        if (checking) {
            checking = false;
            checked(current);
            return 1;
        }
        if (givesUp(current)) {
            return 1;
        }
        if (waiting) {
            if (nowNs - askedNs < ANSWER_NS) {
                return 0;
            }
            refused(current, "no answer");
        }
        giveUpInTime(damage);
        if (nowNs - pauseUntilNs < 0 || peers.isEmpty()) {
            return 0;
        }
        ask(current);
        return 1;
    }

    /**
     * Whether a patch is for what the applier stopped at last: that very finding, since an equal
     * one after a cut knows nothing of what was mended before.
     */
    @SuppressWarnings("ReferenceEquality")
    private boolean stands(RangePatch current) {
        return current.damage() == applier.damage();
    }

    private void begin(Damage damage) {
        if (peers.isEmpty() && log.quiet()) {
            throw new DamagedLogException(damage);
        }
        recovering = !log.quiet();
        Superblock sb = projection.superblock();
        RangePatch.Remembered own =
                new RangePatch.Remembered(
                        sb.resource(),
                        sb.highestEpoch(),
                        sb.role() == Superblock.Role.PRIMARY ? sb.node() : null,
                        sb.history());
        remembered = own;
        patch = new RangePatch(files, damage, own);
        Arrays.fill(answers, "not asked yet");
        asked = 0;
        waiting = false;
        checking = false;
        pauseUntilNs = nowNs;
        movedNs = nowNs;
        saidNs = nowNs;
        LOG.log(
                System.Logger.Level.WARNING,
                "{0}: the log is damaged from {1}, which was durable. It is asked of the peers",
                config.replication().resource(),
                damage);
    }

    private void ask(RangePatch current) {
        PeerLink link = links.link(peer);
        Damage damage = current.damage();
        EpochIdentity endEpoch =
                damage.anchored() || remembered == null ? null : remembered.epochAt(damage.to());
        request++;
        boolean sent =
                link.sendRangeRequest(
                        config.key(),
                        config.replication().node(),
                        new RangeRequest(
                                link.session(),
                                request,
                                damage.before().epochs().upTo(damage.from()).last(),
                                damage.from(),
                                current.wanted(),
                                current.wantedBytes(),
                                endEpoch == null ? 0 : damage.to(),
                                endEpoch));
        if (!sent) {
            refused(current, "not reachable");
            return;
        }
        waiting = true;
        asks++;
        askedNs = nowNs;
    }

    void onData(int from, long ofRequest, long position, DirectBuffer bytes, int at, int length) {
        RangePatch current = patch;
        if (!expects(from, ofRequest)
                || current == null
                || !stands(current)
                || position != current.wanted()
                || length <= 0
                || !applier.idle()
                || !log.mayMend()) {
            return;
        }
        waiting = false;
        checking = true;
        // While the log is recovered nothing is recorded at all.
        long free = log.quiet() ? log.recording().recorded() : Long.MAX_VALUE;
        current.put(bytes, at, length, free);
        applier.mend(current);
    }

    void onRefusal(int from, long ofRequest, String text) {
        RangePatch current = patch;
        if (expects(from, ofRequest) && current != null) {
            refused(current, text);
        }
    }

    private boolean expects(int from, long ofRequest) {
        return waiting && from == peer && ofRequest == request;
    }

    private void checked(RangePatch current) {
        switch (current.outcome()) {
            case MORE -> {
                movedNs = nowNs;
                asked = 0;
                if (nowNs - saidNs > PROGRESS_NS) {
                    saidNs = nowNs;
                    LOG.log(
                            System.Logger.Level.INFO,
                            "{0}: the log is mended up to position {1} of {2}",
                            config.replication().resource(),
                            Long.toString(current.mended()),
                            Long.toString(current.damage().to()));
                }
            }
            case DONE -> {
                mendedRanges++;
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0}: the log was mended from {1} with what {2} holds ({3} ranges since the start). Look at the disk of the journal",
                        config.replication().resource(),
                        current.damage(),
                        peers.get(peer),
                        Long.toString(mendedRanges));
                patch = null;
                applier.mended();
            }
            case REJECTED -> {
                rejectedBy = peer;
                refused(current, current.problem());
            }
        }
    }

    /** This peer does not have it: the next one, after a pause when all were asked. */
    private void refused(RangePatch current, String why) {
        waiting = false;
        answers[peer] = why;
        current.anotherPeer();
        peer = (peer + 1) % peers.size();
        if (++asked % peers.size() == 0) {
            pauseUntilNs = nowNs + ROUND_NS;
            if (asked == peers.size() || nowNs - saidNs > STILL_NS) {
                saidNs = nowNs;
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0}: the log cannot be mended yet: {1}",
                        config.replication().resource(),
                        detail());
            }
        }
    }

    /**
     * What recovery has stopped before, null if it has not: what would be lost if the log ended
     * there.
     */
    public @Nullable DamagedEnd damagedEnd() {
        return recovering ? log.damagedEnd() : null;
    }

    /**
     * An operator has seen what would be lost, and wants the log to end there. What is being mended
     * at this moment may still spare some of it.
     */
    public void giveUp(DamagedEnd seen) {
        givenUpFrom = seen.from();
    }

    /**
     * Ends the log at the damage if that was asked for, or if a primary reigns without what lies
     * beyond: nobody will ever have it, and this node would cut it off if it were whole.
     */
    private boolean givesUp(RangePatch current) {
        DamagedEnd end = damagedEnd();
        if (end == null || !end.mayGiveUp()) {
            return false;
        }
        if (end.from() >= givenUpFrom) {
            givenUpFrom = NOTHING;
            log.giveUp(end, "as an operator has asked for");
            return true;
        }
        for (Peer each : state.peers()) {
            Hello hello = each.hello;
            boolean otherEntry = current.otherEntry() && each.index() == rejectedBy;
            if (hello != null && end.supersededBy(hello, otherEntry)) {
                log.giveUp(end, each.name() + " reigns in a later epoch without them");
                return true;
            }
        }
        return false;
    }

    private void giveUpInTime(Damage damage) {
        if (log.quiet() && nowNs - movedNs > config.replication().peerWaitNs()) {
            throw new JournalException(
                    JournalException.Code.DAMAGED,
                    "the log is damaged from " + damage + " and was not mended: " + detail());
        }
    }

    /** Whether the log cannot be read to its end yet, so that this node takes no role. */
    public boolean recovering() {
        return recovering;
    }

    /** What peers get from this node whose logs are damaged. */
    RangeAnswers answers() {
        return giver;
    }

    /**
     * Changes when something is asked of a peer, and as long as something is given to one: the duty
     * cycle must not rest before it is sent.
     */
    public long exchanged() {
        return asks + giver.cycles();
    }

    /** What is missing and who said what, empty if nothing is. */
    public String detail() {
        RangePatch current = patch;
        if (current == null) {
            return "";
        }
        StringBuilder text =
                new StringBuilder()
                        .append("positions ")
                        .append(current.mended())
                        .append(" to ")
                        .append(current.damage().to())
                        .append(" are missing (");
        if (peers.isEmpty()) {
            text.append("no other node is configured");
        }
        for (int i = 0; i < answers.length; i++) {
            text.append(i == 0 ? "" : "; ").append(peers.get(i)).append(": ");
            text.append(answers[i]);
        }
        DamagedEnd end = damagedEnd();
        return text.append("). Start a peer that has them, or restore this node's directory from")
                .append(" a backup")
                .append(end == null || !end.mayGiveUp() ? "" : ". promote --force gives them up")
                .toString();
    }
}
