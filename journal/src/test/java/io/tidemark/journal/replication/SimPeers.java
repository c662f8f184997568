package io.tidemark.journal.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a node of the simulation and its peers say to each other: what {@link PeerLinks} and {@link
 * Bulletin} do. A message is an effect that runs at its receiver.
 */
final class SimPeers {
    private static final long TOLD_NS = 200_000_000L;
    private static final long HELLO_RETRY_NS = 500_000_000L;

    private final SimNode node;
    private final Simulation world;
    private final SimDisk disk;
    private final int id;
    private final List<SimLink> links = new ArrayList<>();
    private long toldNs;
    private long sentNs;
    private long nowNs;

    SimPeers(SimNode node, Simulation world) {
        this.node = node;
        this.world = world;
        this.disk = node.disk;
        this.id = node.id;
    }

    void processStarts() {
        links.clear();
        for (int i = 0; i < world.size - 1; i++) {
            links.add(new SimLink(nodeOf(i)));
        }
    }

    /** Node of the peer with this index. */
    int nodeOf(int index) {
        return index < id ? index : index + 1;
    }

    private SimLink linkTo(int peer) {
        return links.get(peer < id ? peer : peer - 1);
    }

    /** Takes in what has come, and keeps the links alive. */
    void receive(long now) {
        nowNs = now;
        world.network.deliver(node);
        keepLinks();
    }

    void sendHello(int peer) {
        links.get(peer).answer = true;
    }

    void sendHelloToAll() {
        links.forEach(link -> link.answer = true);
    }

    void sendLeave(int peer) {
        send(
                links.get(peer),
                receiver -> {
                    SimPeers there = receiver.peers;
                    receiver.state.onLeave(there.links.indexOf(there.linkTo(id)));
                });
    }

    private void keepLinks() {
        for (int i = 0; i < links.size(); i++) {
            SimLink link = links.get(i);
            if (link.lost(nowNs)) {
                link.renew(nowNs);
                world.trace(node, "loses sight of " + SimNode.name(link.peer));
                node.state.onPeerLost(i);
            }
            if (!link.echoed && nowNs - link.helloNs > HELLO_RETRY_NS) {
                link.helloNs = nowNs;
                link.answer = true;
            }
            if (link.answer) {
                link.answer = false;
                Hello hello = hello(link);
                if (hello != null) {
                    int from = node.incarnation;
                    send(link, peer -> peer.peers.onHello(id, from, hello));
                }
            }
            if (link.remote != 0 && nowNs - link.sentNs > PeerLink.HEARTBEAT_NS) {
                long session = link.session;
                send(
                        link,
                        peer -> {
                            SimLink back = peer.peers.linkTo(id);
                            if (back.remote == session) {
                                back.heard(peer.peers.nowNs);
                            }
                        });
            }
        }
    }

    private void send(SimLink link, Consumer<SimNode> effect) {
        link.sentNs = nowNs;
        world.network.send(node, link.peer, effect);
    }

    private @Nullable Hello hello(SimLink link) {
        switch (node.state.phase()) {
            case RECOVERING, FOLLOWING, FETCHING, STOPPED -> {
                return null;
            }
            case WAITING, SETTLING, OPENING, SERVING, CLOSING -> {}
        }
        ReplicationState state = node.state;
        Standing standing = state.standing();
        return new Hello(
                link.session,
                link.remote,
                node.uuid,
                SimNode.name(id),
                null,
                "r0",
                null,
                0,
                id,
                0,
                disk.log.end(),
                disk.log.durable(),
                state.committed(),
                disk.applyLimit,
                standing.highestEpoch(),
                standing.heir(),
                state.role(),
                state.attempt(),
                standing.epochs(),
                List.of());
    }

    private void onHello(int from, int fromIncarnation, Hello hello) {
        SimLink link = linkTo(from);
        link.heardHello(hello, fromIncarnation, nowNs);
        if (hello.echo() != link.session) {
            link.answer = true;
        }
        node.state.onHello(links.indexOf(link), hello);
    }

    /** How far this node is. */
    void tell() {
        ReplicationState state = node.state;
        if (state.reigning()) {
            if (!node.tasks.appending || nowNs - toldNs < TOLD_NS / 4) {
                return;
            }
            toldNs = nowNs;
            long epoch = state.epoch();
            long committed = state.committed();
            long appended = disk.log.end();
            int from = node.incarnation;
            long sync = node.syncWanted;
            for (int i = 0; i < links.size(); i++) {
                if (state.peers().get(i).following) {
                    send(
                            links.get(i),
                            peer ->
                                    peer.peers.onCommit(
                                            id, from, epoch, committed, appended, sync));
                }
            }
        } else if (state.followed() >= 0 && node.tasks.idle() && nowNs - sentNs >= TOLD_NS / 10) {
            sentNs = nowNs;
            SimLink link = links.get(state.followed());
            long session = link.session;
            long epoch = state.epoch();
            long attempt = state.attempt();
            long recorded = disk.log.end();
            long durable = disk.log.durable();
            long committed = state.committed();
            send(
                    link,
                    peer ->
                            peer.peers.onPositions(
                                    id, session, attempt, epoch, recorded, durable, committed));
        }
    }

    private void onCommit(
            int from, int fromIncarnation, long epoch, long committed, long appended, long sync) {
        SimLink link = linkTo(from);
        if (link.remote != 0 && link.remoteIncarnation == fromIncarnation) {
            link.heard(nowNs);
            if (node.state.onCommit(links.indexOf(link), epoch, committed, appended, nowNs)) {
                node.syncWanted = Math.max(node.syncWanted, sync);
            }
        }
    }

    private void onPositions(
            int from,
            long session,
            long attempt,
            long epoch,
            long recorded,
            long durable,
            long committed) {
        SimLink link = linkTo(from);
        if (link.remote == session) {
            link.heard(nowNs);
            link.echoed = true;
            node.state.onPositions(
                    links.indexOf(link), attempt, epoch, recorded, durable, committed, 0, 0);
        }
    }

    void sendFollow(int peer, long attempt, long common) {
        long epoch = node.state.epoch();
        int from = node.incarnation;
        send(
                links.get(peer),
                receiver -> {
                    SimLink back = receiver.peers.linkTo(id);
                    if (back.remote != 0 && back.remoteIncarnation == from) {
                        back.heard(receiver.peers.nowNs);
                        if (receiver.tasks.idle()) {
                            receiver.state.onFollow(
                                    receiver.peers.links.indexOf(back),
                                    attempt,
                                    epoch,
                                    id,
                                    common,
                                    receiver.disk.applyLimit);
                        }
                    }
                });
    }

    void sendRefusal(int peer, Refusal refusal) {
        SimLink link = links.get(peer);
        long to = link.remote;
        world.trace(node, "refuses " + SimNode.name(link.peer) + ": " + refusal.code());
        send(
                link,
                receiver -> {
                    SimLink back = receiver.peers.linkTo(id);
                    if (back.session == to) {
                        receiver.state.onRefusal(receiver.peers.links.indexOf(back), refusal);
                    }
                });
    }
}
