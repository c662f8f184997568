package io.tidemark.nbd;

/**
 * That a connection may have been closed by its client, where nobody can tell. It ends when the
 * connection went on by more than a socket holds, and starts anew a cycle later at the earliest, so
 * that those who waited for it get their turn. Data thread only.
 */
final class Suspicion {
    private boolean raised;
    private long receivedUntil;
    private long endCycle;

    boolean raised() {
        return raised;
    }

    /** The connection was not read empty in this cycle and its end would not be seen. */
    void raise(long received, long cycle) {
        if (!raised) {
            raised = cycle > endCycle;
            receivedUntil = received + Fence.SOCKET_BYTES;
        } else if (received > receivedUntil) {
            raised = false;
            endCycle = cycle;
        }
    }

    /** The connection was read empty, or must not make others wait. */
    void clear() {
        raised = false;
    }
}
