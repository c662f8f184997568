package io.tidemark.journal.replication;

import io.tidemark.journal.epoch.EpochHistory;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Receives the control messages for one resource. Called on the data thread, from the peer with the
 * given index.
 */
interface ResourceMessages {
    int resourceKey();

    /** This node's present Hello towards a peer, or null while it does not know where it stands. */
    @Nullable Hello hello(long link, long echo);

    void onHello(int peer, Hello hello);

    /**
     * @param epochs of the log to follow, those that start at or beyond {@code common}; null if the
     *     peer does not tell
     */
    void onFollow(
            int peer,
            long attempt,
            long epoch,
            long recordingId,
            long common,
            @Nullable EpochHistory epochs);

    void onPositions(
            int peer,
            long attempt,
            long epoch,
            long recorded,
            long durable,
            long committed,
            long applied,
            long checkpoint);

    void onCommit(
            int peer, long epoch, long committed, long appended, long syncTo, long appendedTimeNs);

    void onRefusal(int peer, Refusal refusal);

    void onLeave(int peer);

    void onRangeRequest(int peer, RangeRequest request);

    /** Frames of the peer's log from a position on; the bytes are valid during the call only. */
    void onRangeData(int peer, long request, long from, DirectBuffer bytes, int offset, int length);

    void onRangeRefusal(int peer, long request, String text);

    void onPeerLost(int peer);
}
