package io.tidemark.journal.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The replicas whose acknowledgement a reply waits for (I6), and its change: first durable in the
 * log here and on those that will be in the set, and in the superblock; then in force. A change
 * that cannot complete because a member of it is lost is replaced by another. Data thread only.
 */
final class InSyncSet {
    private List<UUID> durable;
    private List<UUID> effective;
    private boolean changing;
    private long changeEnd = Long.MAX_VALUE;
    private long changeNs;
    private boolean stored;

    InSyncSet(List<UUID> remembered) {
        durable = List.copyOf(remembered);
        effective = durable;
    }

    /** Members as the log has them, or will have when the change is appended. */
    List<UUID> durable() {
        return durable;
    }

    /** Members that replies wait for. */
    List<UUID> effective() {
        return effective;
    }

    boolean changing() {
        return changing;
    }

    /**
     * A new epoch begins with a set of its own; it is in force at once, since nothing is answered
     * before it is durable.
     */
    void reset(List<UUID> members) {
        durable = List.copyOf(members);
        effective = durable;
        changing = false;
        changeEnd = Long.MAX_VALUE;
    }

    List<UUID> with(UUID node) {
        List<UUID> members = new ArrayList<>(durable);
        members.add(node);
        return List.copyOf(members);
    }

    List<UUID> without(UUID node) {
        return durable.stream().filter(member -> !member.equals(node)).toList();
    }

    /** Whether a reply waits for this node, or the change under way does. */
    boolean waitsFor(UUID node) {
        return effective.contains(node) || durable.contains(node);
    }

    /** The change has been asked for; its entry's end is not known yet. */
    void begin(List<UUID> members, long nowNs) {
        durable = List.copyOf(members);
        changing = true;
        stored = false;
        changeEnd = Long.MAX_VALUE;
        changeNs = nowNs;
    }

    void appended(long end) {
        changeEnd = end;
    }

    void stored() {
        stored = true;
    }

    /** End of the change's entry, which must be durable; MAX_VALUE while it is not appended. */
    long changeEnd() {
        return changeEnd;
    }

    /** Since when the change is under way. */
    long changeNs() {
        return changeNs;
    }

    /**
     * Puts the change in force once its entry is durable on this node and on all members of the new
     * set.
     *
     * @return whether it did
     */
    boolean complete(long durableHere, long durableOnNewMembers) {
        if (!changing || !stored || durableHere < changeEnd || durableOnNewMembers < changeEnd) {
            return false;
        }
        effective = durable;
        changing = false;
        changeEnd = Long.MAX_VALUE;
        return true;
    }
}
