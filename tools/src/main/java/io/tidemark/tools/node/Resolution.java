package io.tidemark.tools.node;

import io.tidemark.journal.replication.Hello;
import io.tidemark.journal.replication.Peer;
import io.tidemark.journal.replication.Phase;
import io.tidemark.journal.replication.ReplicationState;
import io.tidemark.journal.replication.ResourceAgent;
import io.tidemark.journal.replication.Role;
import io.tidemark.tools.admin.ResolvePreview;
import java.util.ArrayList;
import java.util.List;

/** What it means that this node gives up its side of a divergence (I13). Data thread only. */
final class Resolution {
    private Resolution() {}

    /** What would be given up, and for whom. */
    static ResolvePreview preview(NodeResource resource) {
        return switch (resource) {
            case ResourceNode running -> preview(running);
            case RefusedResource refused -> refused(String.valueOf(refused.refusal()));
        };
    }

    private static ResolvePreview preview(ResourceNode resource) {
        ResourceAgent agent = resource.agent();
        ReplicationState state = agent.state();
        String name = resource.settings().name();
        if (state.phase() == Phase.STOPPED || state.phase() == Phase.RECOVERING) {
            return refused(name + " is " + resource.stateText() + " on this node");
        }
        int followed = state.followed();
        if (followed >= 0) {
            return refused(
                    name
                            + " follows "
                            + state.peers().get(followed).name()
                            + " and has nothing to give up");
        }
        List<Peer> others = state.peers().stream().filter(p -> reigns(p.hello())).toList();
        boolean parted = others.stream().allMatch(p -> p.state() == Peer.State.DIVERGED);
        if (others.size() != 1 || !parted) {
            return refused(
                    others.isEmpty() || !parted
                            ? name
                                    + " has parted from no primary that this node sees. Look at the status of all nodes"
                            : name
                                    + " has parted from several primaries, "
                                    + others.stream().map(Peer::name).toList()
                                    + ". Decide between those first");
        }
        Peer other = others.getFirst();
        Hello hello = other.hello();
        if (hello == null || !resource.beganWithZeroes()) {
            return refused(
                    name + " did not begin with zeroes here: its partitions cannot be made anew");
        }
        return preview(resource, other, hello);
    }

    private static ResolvePreview preview(ResourceNode resource, Peer other, Hello hello) {
        ResourceAgent agent = resource.agent();
        ReplicationState state = agent.state();
        long end = agent.appended();
        long common = state.standing().epochs().common(end, hello.epochs(), hello.logEnd());
        List<String> lines = new ArrayList<>();
        lines.add(
                "the logs of %s and %s part at position %d"
                        .formatted(agent.config().replication().node(), other.name(), common));
        lines.add(
                "this node gives up %d bytes beyond it, up to position %d of epoch %d, of which its partition may hold %d; they are kept under %s"
                        .formatted(
                                end - common,
                                end,
                                state.standing().epochs().lastNumber(),
                                Math.max(0, agent.applied() - common),
                                agent.config().directory().resolve("branches")));
        lines.add(
                "%s keeps at least %d bytes beyond it, epoch %d"
                        .formatted(
                                other.name(),
                                Math.max(0, hello.logEnd() - common),
                                hello.epochs().lastNumber()));
        lines.add(
                "this node's partitions are zeroed and made anew from %d bytes of log"
                        .formatted(common));
        if (state.reigning()) {
            lines.add("this node is primary: its clients are disconnected");
        }
        return new ResolvePreview(true, other.name(), common, lines);
    }

    private static boolean reigns(@org.jspecify.annotations.Nullable Hello hello) {
        return hello != null && hello.role() == Role.PRIMARY;
    }

    private static ResolvePreview refused(String why) {
        return new ResolvePreview(false, "", 0, List.of(why));
    }
}
