package io.tidemark.nbd;

import java.util.ArrayList;

/**
 * Keeps a new connection's requests behind those that older connections of the same export have
 * sent already.
 *
 * <p>A client that gives a connection up, opens another and sends its requests again must not find
 * them overtaken later by the old connection's copies: a write that was sent again, answered and
 * then overwritten by a newer one would come back. A connection that is closed shows it only after
 * its last byte has been read. So the new connection waits until every older one was seen with
 * nothing left in its socket (by then an end was noticed and its requests dropped) and with no
 * change that was read but not taken, which may wait for long, for space, or has gone on by more
 * than a socket holds. Data thread only.
 */
final class Fence {
    /** More than the kernel queues on a socket's receiving side, bytes. */
    static final long SOCKET_BYTES = 16L << 20;

    private final ServerContext context;
    private final long cycle;
    private final ArrayList<Connection> older = new ArrayList<>();
    private final long[] until;

    Fence(ServerContext context, long client, Export export) {
        this.context = context;
        cycle = context.cycle;
        for (Connection connection : context.connections) {
            if (connection.id() < client && connection.uses(export.name())) {
                older.add(connection);
            }
        }
        until = new long[older.size()];
        for (int i = 0; i < until.length; i++) {
            until[i] = older.get(i).received() + SOCKET_BYTES;
        }
    }

    boolean passed() {
        while (!older.isEmpty()) {
            int last = older.size() - 1;
            if (!isBehind(older.get(last), until[last])) {
                return false;
            }
            older.remove(last);
        }
        return true;
    }

    private boolean isBehind(Connection connection, long receivedUntil) {
        return connection.isClosed()
                || (connection.wasEmptySince(cycle, context.cycle) && !connection.holdsChange())
                || connection.received() > receivedUntil
                || connection.submitsNothingLate();
    }
}
