package io.tidemark.journal.replication;

import io.tidemark.journal.aeron.Recording;
import io.tidemark.journal.apply.Applier;
import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.log.Damage;
import io.tidemark.journal.log.RangeReader;
import io.tidemark.journal.log.Trail;
import org.jspecify.annotations.Nullable;

/**
 * Gives peers whose log is damaged what this node's log holds there, whatever this node is doing at
 * the moment, and as long as it can tell that both logs are the same up to the damage. One request
 * at a time: what comes meanwhile is dropped, and asked again.
 *
 * <p>Data thread only; the reading is done by {@link RangeReader}.
 */
final class RangeAnswers {
    private static final System.Logger LOG = System.getLogger(RangeAnswers.class.getName());

    /** How long an answer may take to leave, since the driver sends one datagram per cycle. */
    private static final long SENDING_NS = 200_000_000L;

    private final ResourceConfig config;
    private final PeerLinks links;
    private final Recording recording;
    private final Applier applier;
    private final Projection projection;
    private final ReplicationState state;
    private final RangeReader reader;
    private @Nullable RangeRequest pending;
    private int pendingPeer;
    private long pendingNs;
    private long sendingUntilNs;
    private long cycles;
    private long saidDamaged = -1;

    RangeAnswers(
            ResourceConfig config,
            PeerLinks links,
            Recording recording,
            Applier applier,
            Projection projection,
            ReplicationState state,
            RangeReader reader) {
        this.config = config;
        this.links = links;
        this.recording = recording;
        this.applier = applier;
        this.projection = projection;
        this.state = state;
        this.reader = reader;
    }

    void onRequest(int peer, RangeRequest request) {
        if (pending != null || !reader.idle()) {
            return;
        }
        String problem = problem(request);
        if (!problem.isEmpty()) {
            links.link(peer).sendRangeRefusal(config.key(), request, problem);
            cycles++;
            return;
        }
        pending = request;
        pendingNs = 0;
        pendingPeer = peer;
        reader.read(
                request.from(), Math.min(request.from() + request.bytes(), recording.recorded()));
    }

    int doWork(long nowNs) {
        RangeRequest request = pending;
        if (request == null || !reader.idle()) {
            return sending(nowNs);
        }
        cycles++;
        pendingNs = pendingNs == 0 ? nowNs : pendingNs;
        PeerLink link = links.link(pendingPeer);
        if (reader.length() > 0) {
            boolean sent =
                    link.sendRangeData(config.key(), request, reader.bytes(), reader.length());
            if (sent || nowNs - pendingNs > SENDING_NS) {
                pending = null;
                sendingUntilNs = nowNs + SENDING_NS;
            }
            return 1;
        }
        pending = null;
        String problem =
                "its own log is not valid at position "
                        + request.from()
                        + " either ("
                        + reader.problem()
                        + ")";
        if (saidDamaged != request.from()) {
            saidDamaged = request.from();
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0}: {1} asks for position {2} of the log, which is not valid here either: {3}",
                    config.replication().resource(),
                    link.peer().name(),
                    Long.toString(request.from()),
                    reader.problem());
        }
        link.sendRangeRefusal(config.key(), request, problem);
        return 1;
    }

    private int sending(long nowNs) {
        if (sendingUntilNs == 0) {
            return 0;
        }
        cycles++;
        if (nowNs - sendingUntilNs >= 0) {
            sendingUntilNs = 0;
        }
        return 1;
    }

    /** Changes as long as an answer is on its way out: the duty cycle must not rest before. */
    long cycles() {
        return cycles;
    }

    /** Why a request is refused at once, or empty. */
    private String problem(RangeRequest request) {
        if (state.phase() == Phase.STOPPED) {
            return "it has stopped: " + state.detail();
        }
        long recorded = recording.exists() ? recording.recorded() : 0;
        Damage own = applier.damage();
        Trail trail = own == null ? applier.applied() : own.before();
        long read = own == null ? trail.position() : own.from();
        EpochHistory epochs = trail.epochs();
        long settled = settled(recorded);
        if (settled > read) {
            read = settled;
            epochs = state.standing().epochs();
        }
        Superblock sb = projection.superblock();
        return new OwnLog(
                        recording.startPosition(),
                        recorded,
                        read,
                        epochs,
                        sb.durable(),
                        sb.history())
                .problem(request);
    }

    /** Up to where the state machine knows the log's epochs. */
    private long settled(long recorded) {
        return switch (state.phase()) {
            case RECOVERING, STOPPED -> 0;
            case WAITING, SETTLING, FOLLOWING, FETCHING -> state.standing().logEnd();
            case OPENING, SERVING, CLOSING -> recorded;
        };
    }
}
