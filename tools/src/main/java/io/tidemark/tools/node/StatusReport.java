package io.tidemark.tools.node;

import io.tidemark.journal.log.JournalDisk;
import io.tidemark.journal.replication.DamagedEnd;
import io.tidemark.journal.replication.JournalRoom;
import io.tidemark.journal.replication.Peer;
import io.tidemark.journal.replication.Phase;
import io.tidemark.journal.replication.ReplicationState;
import io.tidemark.journal.replication.ResourceAgent;
import io.tidemark.journal.replication.Role;
import io.tidemark.tools.admin.JournalStatus;
import io.tidemark.tools.admin.NodeStatus;
import io.tidemark.tools.admin.PeerStatus;
import io.tidemark.tools.admin.PositionsStatus;
import io.tidemark.tools.admin.PromotePreview;
import io.tidemark.tools.admin.ResourceStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** What the data thread tells of itself. Called on the data thread. */
final class StatusReport {
    private StatusReport() {}

    static NodeStatus of(String node, List<NodeResource> resources, long dutyNowNs) {
        return new NodeStatus(node, resources.stream().map(r -> of(r, dutyNowNs)).toList());
    }

    private static ResourceStatus of(NodeResource resource, long dutyNowNs) {
        return switch (resource) {
            case ResourceNode running -> of(running, dutyNowNs);
            case RefusedResource refused -> of(refused);
        };
    }

    /** Nothing is known of it here, so nothing but its state is said. */
    private static ResourceStatus of(RefusedResource resource) {
        return new ResourceStatus(
                resource.settings().name(),
                "replica",
                resource.stateText(),
                0,
                new PositionsStatus(0, 0, 0, 0, 0, 0),
                List.of(),
                List.of(),
                resource.settings().protocol().name(),
                resource.why(),
                JournalStatus.UNKNOWN);
    }

    private static ResourceStatus of(ResourceNode resource, long dutyNowNs) {
        ResourceAgent agent = resource.agent();
        ReplicationState state = agent.state();
        boolean primary = state.reigning();
        long appended =
                primary ? agent.appended() : Math.max(state.news().appended(), agent.recorded());
        return new ResourceStatus(
                resource.settings().name(),
                state.role() == Role.REPLICA ? "replica" : "primary",
                resource.stateText(),
                state.epoch(),
                new PositionsStatus(
                        appended,
                        agent.recorded(),
                        agent.durable(),
                        state.committed(),
                        agent.applied(),
                        agent.checkpoint()),
                state.peers().stream().map(p -> of(p, agent, primary, dutyNowNs)).toList(),
                Peer.names(state.reign().durableInSync(), state.peers()),
                resource.settings().protocol().name(),
                resource.detail(),
                journal(agent.room()));
    }

    private static JournalStatus journal(JournalRoom room) {
        JournalDisk disk = room.keeper().disk();
        long free;
        try {
            free = disk.freeBytes();
        } catch (IOException e) {
            free = 0;
        }
        return new JournalStatus(
                room.full(),
                room.reservedBytes(),
                free,
                room.full() ? room.missingBytes() : 0,
                disk.directory().toString());
    }

    private static PeerStatus of(Peer peer, ResourceAgent agent, boolean primary, long dutyNowNs) {
        UUID node = peer.node();
        boolean inSync =
                primary && node != null && agent.state().reign().effectiveInSync().contains(node);
        long lag = primary ? Math.max(0, agent.appended() - peer.recorded()) : 0;
        double seconds = primary && lag > 0 ? Math.max(0, dutyNowNs - peer.caughtUpNs()) / 1e9 : 0;
        return new PeerStatus(
                peer.name(),
                peer.state().text(),
                inSync,
                new PositionsStatus(
                        primary ? agent.appended() : agent.state().news().appended(),
                        peer.recorded(),
                        peer.durable(),
                        peer.committed(),
                        peer.applied(),
                        peer.checkpoint()),
                lag,
                seconds,
                peer.detail());
    }

    /** What a promotion would do and what it may lose. */
    static PromotePreview promotePreview(NodeResource resource, long dutyNowNs) {
        return switch (resource) {
            case ResourceNode running -> promotePreview(running, dutyNowNs);
            case RefusedResource refused ->
                    new PromotePreview(false, false, List.of(refused.refusal()));
        };
    }

    private static PromotePreview promotePreview(ResourceNode resource, long dutyNowNs) {
        ResourceAgent agent = resource.agent();
        ReplicationState state = agent.state();
        String name = resource.settings().name();
        if (state.phase() == Phase.STOPPED) {
            return new PromotePreview(
                    false, false, List.of(name + " has stopped on this node: " + agent.failure()));
        }
        if (state.reigning()) {
            return new PromotePreview(true, false, List.of(name + " is primary here already"));
        }
        DamagedEnd damaged = agent.mending().damagedEnd();
        if (damaged != null) {
            return damaged(name, damaged, agent);
        }
        List<String> lines = new ArrayList<>();
        int followed = state.followed();
        boolean inSight = followed >= 0 && dutyNowNs - state.news().heardNs() < 3_000_000_000L;
        lines.add(
                "%s ends here at position %d, epoch %d"
                        .formatted(name, agent.recorded(), state.standing().highestEpoch()));
        if (inSight) {
            lines.add(
                    "its primary %s is alive at position %d: both sides would go on and part from each other"
                            .formatted(
                                    state.peers().get(followed).name(), state.news().appended()));
        } else if (state.news().heardNs() > 0) {
            long missing = Math.max(0, state.news().appended() - agent.recorded());
            lines.add(
                    "its primary was last heard %.1f s ago at position %d: at least %d bytes are missing here, and what it did since may be lost or part"
                            .formatted(
                                    (dutyNowNs - state.news().heardNs()) / 1e9,
                                    state.news().appended(),
                                    missing));
        } else {
            lines.add(
                    "its primary was not heard since this node started: what it did since may be lost or part");
        }
        boolean needsForce = state.needsForce();
        return new PromotePreview(true, needsForce, needsForce ? lines : List.of(lines.getFirst()));
    }

    /** A log that nobody has mended yet: by force it ends before the damage. */
    private static PromotePreview damaged(String name, DamagedEnd end, ResourceAgent agent) {
        List<String> lines = new ArrayList<>();
        lines.add("the log of %s is damaged here at %s".formatted(name, end.damage()));
        lines.add(agent.mending().detail());
        if (!end.mayGiveUp()) {
            lines.add(
                    "it cannot be ended there: the partitions may hold some of what lies up to position %d, so they would be of no single moment. What they hold can be copied into a new resource"
                            .formatted(end.superblock().applyLimit()));
            return new PromotePreview(false, true, lines);
        }
        lines.add(
                "it would end at position %d: positions %d to %d, %d bytes, would be given up with whatever was written there, and kept as they are in %s"
                        .formatted(
                                end.from(),
                                end.from(),
                                end.end(),
                                end.bytes(),
                                agent.config().directory().resolve("branches")));
        lines.add("what a primary did since may be lost or part, too");
        return new PromotePreview(true, true, lines);
    }
}
