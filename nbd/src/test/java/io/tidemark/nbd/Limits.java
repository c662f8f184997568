package io.tidemark.nbd;

/** Changes single limits of a configuration. */
final class Limits {
    private final NbdServerConfig base;
    private int connections;
    private int request;
    private int outstanding;
    private long payload;
    private long read;

    private Limits(NbdServerConfig base) {
        this.base = base;
        connections = base.maxConnections();
        request = base.maxRequestBytes();
        outstanding = base.maxOutstanding();
        payload = base.payloadBudgetBytes();
        read = base.readBudgetBytes();
    }

    static Limits of(NbdServerConfig base) {
        return new Limits(base);
    }

    Limits connections(int limit) {
        connections = limit;
        return this;
    }

    Limits request(int bytes) {
        request = bytes;
        return this;
    }

    Limits outstanding(int limit) {
        outstanding = limit;
        return this;
    }

    Limits payload(long bytes) {
        payload = bytes;
        return this;
    }

    Limits read(long bytes) {
        read = bytes;
        return this;
    }

    NbdServerConfig build() {
        return new NbdServerConfig(
                base.listen(),
                connections,
                request,
                outstanding,
                payload,
                read,
                base.handshakeTimeoutNs(),
                base.stallTimeoutNs());
    }
}
