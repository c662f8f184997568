package io.tidemark.journal.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Remembers what a state machine asked for, as words. */
final class FakeActions implements Actions {
    final List<String> asked = new ArrayList<>();
    int hellos;
    @Nullable EpochPlan plan;
    @Nullable List<UUID> set;

    /** What was asked for since the last call, without Hellos. */
    List<String> take() {
        List<String> taken = List.copyOf(asked);
        asked.clear();
        return taken;
    }

    EpochPlan planned() {
        EpochPlan planned = plan;
        if (planned == null) {
            throw new AssertionError("no epoch was opened, but " + asked);
        }
        return planned;
    }

    @Override
    public void recover() {
        asked.add("recover");
    }

    @Override
    public void follow(int peer, long recordingId, long common) {
        asked.add("follow " + peer + " from " + common);
    }

    @Override
    public void openEpoch(EpochPlan epochPlan) {
        plan = epochPlan;
        asked.add("open " + epochPlan.number());
    }

    @Override
    public void appendInSyncSet(List<UUID> members) {
        set = members;
        asked.add("in-sync " + members.size());
    }

    @Override
    public void endEpoch(UUID heir) {
        asked.add("end for " + heir.getLeastSignificantBits());
    }

    @Override
    public void serve() {
        asked.add("serve");
    }

    @Override
    public void stepDown() {
        asked.add("step down");
    }

    @Override
    public void demoted() {
        asked.add("demoted");
    }

    @Override
    public void sendFollow(int peer, long attempt, long common) {
        asked.add("tell " + peer + " to follow from " + common);
    }

    @Override
    public void sendRefusal(int peer, Refusal refusal) {
        asked.add("refuse " + peer + " " + refusal.code());
    }

    @Override
    public void sendHello(int peer) {
        hellos++;
    }

    @Override
    public void helloChanged() {}
}
