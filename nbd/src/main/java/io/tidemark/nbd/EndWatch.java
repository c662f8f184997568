package io.tidemark.nbd;

import java.lang.System.Logger.Level;
import java.util.ArrayList;

/**
 * Keeps an export's living connections behind one whose client has closed it already, where that
 * end is still hidden behind unread bytes.
 *
 * <p>The crash it prevents: a client closes one of its connections with a write of an old block in
 * the socket, sends the write again on another, is answered, sends a newer one, is answered; and
 * then the server comes to the copy in the dead socket and the old block is back. A socket read
 * empty shows its end. One that was not, because its buffer is full or it had its share of the
 * cycle, is asked for by {@link HangupPoll}; that happens after all sockets were read, so an end
 * that came before any request now known is found before this request is submitted. While a
 * connection that has ended is read to its end, its own requests are not submitted either (see
 * {@link Transmission#hold}), and it waits for nobody, so the others wait for no more than the
 * reading of what the kernel holds.
 *
 * <p>TCP shows an end only once its packet is here: as long as what the client's kernel holds does
 * not fit the receive window, nobody can know.
 *
 * <p>Where the kernel cannot be asked, every connection not read empty may have ended. Then it is
 * served alone until it is read empty or went on by more than a socket holds; after that the others
 * have a cycle before anybody is served alone again. Data thread only.
 */
final class EndWatch {
    private final ServerContext context;
    private final HangupPoll poll;
    private final ArrayList<Connection> asked = new ArrayList<>();
    private int holding;

    EndWatch(ServerContext context, HangupPoll poll) {
        this.context = context;
        this.poll = poll;
        if (!poll.works()) {
            System.getLogger(EndWatch.class.getName())
                    .log(
                            Level.WARNING,
                            "the ends of connections are seen late, so connections of one export"
                                    + " wait for each other; start Java with --add-exports"
                                    + " java.base/sun.nio.ch=ALL-UNNAMED and"
                                    + " --enable-native-access=ALL-UNNAMED");
        }
    }

    /**
     * The step between looking at sockets and submitting requests.
     *
     * @return number of ends found
     */
    int look() {
        int found = ask();
        holding = countHolding();
        return found;
    }

    private int ask() {
        ArrayList<Connection> connections = context.connections;
        for (int i = 0; i < connections.size(); i++) {
            Connection connection = connections.get(i);
            if (connection.mayHideItsEnd() && isShared(connection)) {
                poll.put(asked.size(), connection.number());
                asked.add(connection);
            } else {
                connection.clearSuspicion();
            }
        }
        if (asked.isEmpty()) {
            return 0;
        }
        int found = 0;
        boolean known = poll.ask(asked.size());
        for (int i = 0; i < asked.size(); i++) {
            if (!known) {
                suspect(asked.get(i));
            } else if (poll.ended(i)) {
                asked.get(i).onEndKnown();
                found++;
            }
        }
        asked.clear();
        return found;
    }

    /** One at a time, or two that wait for each other would wait for ever. */
    private void suspect(Connection connection) {
        if (!isHeldByAnother(connection)) {
            connection.suspect();
        }
    }

    private boolean isShared(Connection connection) {
        ArrayList<Connection> connections = context.connections;
        for (int i = 0; i < connections.size(); i++) {
            if (connections.get(i) != connection && connections.get(i).shares(connection)) {
                return true;
            }
        }
        return false;
    }

    private int countHolding() {
        ArrayList<Connection> connections = context.connections;
        int count = 0;
        for (int i = 0; i < connections.size(); i++) {
            count += connections.get(i).holdsOthers() ? 1 : 0;
        }
        return count;
    }

    /** Whether a connection must wait for another one's end. */
    boolean holds(Connection connection) {
        return holding > 0 && !connection.isEnding() && isHeldByAnother(connection);
    }

    private boolean isHeldByAnother(Connection connection) {
        ArrayList<Connection> connections = context.connections;
        for (int i = 0; i < connections.size(); i++) {
            Connection other = connections.get(i);
            if (other != connection && other.holdsOthers() && other.shares(connection)) {
                return true;
            }
        }
        return false;
    }
}
