package io.tidemark.journal.replication;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one peer for one resource. Positions count only for the peer's present attempt
 * to follow. Data thread only.
 */
public final class Peer {
    /** How a peer stands, as seen from here. */
    public enum State {
        /** Nothing heard, or nothing for too long. */
        LOST("lost"),
        /** Heard from; not following this node. */
        CONNECTED("connected"),
        /** Records this node's log, behind. */
        CATCH_UP("catch-up"),
        /** Records this node's log as it grows, or is recorded by this node. */
        LIVE("live"),
        /** Its log has parted from this one's and it cannot be joined without a decision. */
        DIVERGED("diverged"),
        /** Refused for another reason; see {@link #detail}. */
        REFUSED("refused"),
        /** Its journal has no space; it follows again when there is. */
        JOURNAL_FULL("journal-full"),
        /** The resource does not run there; see {@link #detail}. */
        STOPPED("stopped");

        private final String text;

        State(String text) {
            this.text = text;
        }

        /** As shown to users. */
        public String text() {
            return text;
        }
    }

    private final int index;
    private final String name;
    State state = State.LOST;
    String detail = "";
    @Nullable Hello hello;
    @Nullable UUID node;
    long link;
    long attempt;
    boolean following;
    boolean leaving;

    /** Appended when this peer left the in-sync set. */
    long leftAt;

    long common;
    long followSentNs;
    boolean acknowledged;
    long recorded;
    long durable;
    long committed;
    long applied;
    long checkpoint;
    long acknowledgedNs;
    long recordedMovedNs;
    long durableMovedNs;
    long caughtUpNs;

    Peer(int index, String name) {
        this.index = index;
        this.name = name;
    }

    /** Forgets what belongs to a session of the link: acknowledgements never outlive it. */
    void reset() {
        state = State.LOST;
        detail = "";
        hello = null;
        link = 0;
        stopFollowing();
    }

    /** Forgets what belongs to an attempt to follow. */
    void stopFollowing() {
        following = false;
        leaving = false;
        acknowledged = false;
        if (state == State.LIVE || state == State.CATCH_UP || state == State.JOURNAL_FULL) {
            state = hello == null ? State.LOST : State.CONNECTED;
        }
        attempt = 0;
        recorded = 0;
        durable = 0;
    }

    /** A new attempt begins; nothing is acknowledged yet. */
    void startFollowing(long newAttempt, long commonPosition, long nowNs) {
        stopFollowing();
        following = true;
        attempt = newAttempt;
        common = commonPosition;
        followSentNs = nowNs;
        recordedMovedNs = nowNs;
        durableMovedNs = nowNs;
        state = State.CATCH_UP;
        detail = "";
    }

    /** It does not let this node in, or does not follow it. */
    void refused(Refusal refusal) {
        state =
                switch (refusal.code()) {
                    case DIVERGED -> State.DIVERGED;
                    case JOURNAL_FULL -> State.JOURNAL_FULL;
                    case STOPPED -> State.STOPPED;
                    default -> State.REFUSED;
                };
        detail = refusal.text();
        // Replies must not wait until it is overdue: it has said that it records nothing.
        leaving |= state == State.JOURNAL_FULL || state == State.STOPPED;
    }

    void acknowledge(long newRecorded, long newDurable, long nowNs) {
        acknowledged = true;
        acknowledgedNs = nowNs;
        if (state == State.JOURNAL_FULL) {
            state = State.CATCH_UP;
            detail = "";
            leaving = false;
        }
        if (newRecorded > recorded) {
            recorded = newRecorded;
            recordedMovedNs = nowNs;
        }
        if (newDurable > durable) {
            durable = newDurable;
            durableMovedNs = nowNs;
        }
    }

    /** Position that this peer has acknowledged, 0 if it does not follow. */
    long acknowledged(boolean durablePosition) {
        return durablePosition ? durable : recorded;
    }

    public int index() {
        return index;
    }

    public String name() {
        return name;
    }

    public State state() {
        return state;
    }

    public String detail() {
        return detail;
    }

    public @Nullable UUID node() {
        return node;
    }

    public @Nullable Hello hello() {
        return hello;
    }

    public long recorded() {
        return recorded;
    }

    /** Duty-clock time at which it had last recorded all that was appended; nanoseconds. */
    public long caughtUpNs() {
        return caughtUpNs;
    }

    public long durable() {
        return durable;
    }

    public long committed() {
        return committed;
    }

    public long applied() {
        return applied;
    }

    public long checkpoint() {
        return checkpoint;
    }

    /** Names of nodes, as far as they are known among the peers. */
    public static List<String> names(List<UUID> nodes, List<Peer> peers) {
        return nodes.stream()
                .map(
                        node ->
                                peers.stream()
                                        .filter(peer -> node.equals(peer.node))
                                        .map(Peer::name)
                                        .findFirst()
                                        .orElse(node.toString()))
                .toList();
    }
}
