package io.tidemark.journal.replication;

/**
 * The arithmetic of promises on the primary: what may be answered and what is committed, from this
 * node's positions and the acknowledged ones (I4, DESIGN section 4). Data thread only.
 */
final class Promises {
    private final Protocol protocol;
    private final Peers peers;
    private final RequestEnds requestEnds = new RequestEnds();
    private InSyncSet inSync;
    private long appended;
    private long recorded;
    private long durable;
    private long committed;

    Promises(Protocol protocol, Peers peers, InSyncSet inSync) {
        this.protocol = protocol;
        this.peers = peers;
        this.inSync = inSync;
    }

    /** The log ends here, all of it durable; committed as far as is known. */
    void restart(InSyncSet set, long logEnd, long committedPosition) {
        inSync = set;
        appended = logEnd;
        recorded = logEnd;
        durable = logEnd;
        committed = Math.min(committedPosition, logEnd);
        requestEnds.clear();
    }

    void requestAppended(long end) {
        appended = end;
        requestEnds.add(end);
    }

    void here(long recordedHere, long durableHere) {
        recorded = Math.max(recorded, recordedHere);
        durable = Math.max(durable, durableHere);
    }

    /** Primary: committed moves to the last request end that all who count have durable. */
    void commit() {
        committed = requestEnds.takeUpTo(committable(), committed);
    }

    /** Replica: what the primary told, as far as it is durable here. */
    void told(long position) {
        committed = Math.max(committed, Math.min(position, durable));
    }

    /**
     * While the set changes, committed waits for the old and the new one: no member finds committed
     * ahead of it.
     */
    private long committable() {
        if (protocol == Protocol.A) {
            return durable;
        }
        return Math.min(
                durable,
                Math.min(
                        peers.lowest(inSync.effective(), true),
                        peers.lowest(inSync.durable(), true)));
    }

    long answeredRecorded() {
        return protocol == Protocol.A
                ? recorded
                : Math.min(recorded, peers.lowest(inSync.effective(), false));
    }

    long answeredDurable() {
        return switch (protocol) {
            case A -> durable;
            case B -> Math.min(durable, peers.lowest(inSync.effective(), false));
            case C -> Math.min(durable, peers.lowest(inSync.effective(), true));
        };
    }

    long appended() {
        return appended;
    }

    long recorded() {
        return recorded;
    }

    long durable() {
        return durable;
    }

    long committed() {
        return committed;
    }
}
