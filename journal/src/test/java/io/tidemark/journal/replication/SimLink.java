package io.tidemark.journal.replication;

/** One side of a link to a peer: what {@link PeerLink} does, message by message. */
final class SimLink {
    private static long sessions;

    final int peer;
    long session = ++sessions;
    long remote;
    int remoteIncarnation = -1;
    boolean echoed;
    boolean heardAny;
    boolean answer;
    long heardNs;
    long sentNs;
    long helloNs = -PeerLink.HEARTBEAT_NS;

    SimLink(int peer) {
        this.peer = peer;
    }

    void heard(long nowNs) {
        heardNs = nowNs;
        heardAny = true;
    }

    void heardHello(Hello hello, int incarnation, long nowNs) {
        heard(nowNs);
        remote = hello.link();
        remoteIncarnation = incarnation;
        echoed = hello.echo() == session;
    }

    boolean lost(long nowNs) {
        return heardAny && nowNs - heardNs > PeerLink.LOST_NS;
    }

    void renew(long nowNs) {
        session = ++sessions;
        remote = 0;
        echoed = false;
        heardAny = false;
        heardNs = nowNs;
    }

    static void restart() {
        sessions = 0;
    }
}
