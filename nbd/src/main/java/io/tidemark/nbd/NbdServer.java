package io.tidemark.nbd;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;

/**
 * A fixed-newstyle NBD server without a thread of its own: the data thread calls {@link #doWork()}
 * in its duty cycle. Every method belongs to that thread.
 *
 * <p>The selector is the caller's and shared: sockets of others may be registered in it, with
 * attachments of their own. A caller that is idle blocks in {@code select(timeout)}, at most 100 ms
 * at a time so that timeouts are noticed, and never handles selected keys itself.
 */
public final class NbdServer implements AutoCloseable {
    private static final int ACCEPTS_PER_CYCLE = 16;
    private static final long ACCEPT_PAUSE_NS = 100_000_000;
    private static final long IDLE_MEMORY_NS = 10_000_000_000L;

    private final ServerContext context;
    private final Selector selector;
    private final NanoClock clock;
    private final List<Listener> listeners = new ArrayList<>();
    private final Consumer<SelectionKey> onReady = this::onReady;

    private long lastClient;
    private long acceptAgainNs;
    private boolean acceptPaused;
    private long memoryUsedNs;
    private int ready;
    private boolean closed;

    /**
     * @param clock source of time for all timeouts
     */
    public NbdServer(NbdServerConfig config, Exports exports, Selector selector, NanoClock clock) {
        this(config, exports, selector, clock, HangupPoll.open(config.maxConnections()));
    }

    NbdServer(
            NbdServerConfig config,
            Exports exports,
            Selector selector,
            NanoClock clock,
            HangupPoll hangups) {
        this.selector = selector;
        this.clock = clock;
        context = new ServerContext(config, exports, hangups, clock.nanoTime());
    }

    /**
     * Starts listening on all configured addresses, or on none.
     *
     * @throws NbdException if one of them cannot be bound, naming it and the remedy
     */
    public void open() {
        try {
            for (SocketAddress address : context.config.listen()) {
                listeners.add(Listener.open(address, selector));
            }
        } catch (NbdException e) {
            close();
            throw e;
        }
    }

    /**
     * One duty cycle: looks at all ready sockets and for ends behind unread bytes, then hands
     * requests to the devices, then sends replies. The order is a promise: a request whose
     * connection turns out to be closed in the same cycle is dropped, or comes before all that its
     * siblings send after that.
     *
     * @return amount of work done, 0 if there was none
     */
    public int doWork() {
        if (closed) {
            return 0;
        }
        context.nowNs = clock.nanoTime();
        context.cycle++;
        return lookAtSockets()
                + context.ends.look()
                + submitRequests()
                + sendReplies()
                + judgeClients()
                + settleConnections();
    }

    private int lookAtSockets() {
        ready = 0;
        try {
            selector.selectNow(onReady);
            // Keys that the caller's own select left here would end its next one at once.
            selector.selectedKeys().clear();
        } catch (IOException e) {
            throw new NbdException(
                    NbdException.Code.SELECT_FAILED,
                    "the selector of the data thread failed: " + e.getMessage(),
                    e);
        }
        return ready + resumeAccepting();
    }

    private void onReady(SelectionKey key) {
        switch (key.attachment()) {
            case Connection connection -> ready += connection.onReady(key.readyOps());
            case Listener listener -> ready += accept(listener);
            case null, default -> {
                // Somebody else's socket: it woke the caller, who looks after it.
            }
        }
    }

    private int accept(Listener listener) {
        int accepted = 0;
        try {
            while (accepted < ACCEPTS_PER_CYCLE) {
                SocketChannel channel = listener.accept();
                if (channel == null) {
                    break;
                }
                accepted++;
                admit(channel);
            }
        } catch (IOException e) {
            // Out of descriptors, most likely: the queue stays, so look again a little later.
            acceptPaused = true;
            acceptAgainNs = context.nowNs + ACCEPT_PAUSE_NS;
            listener.listen(false);
        }
        return accepted;
    }

    private void admit(SocketChannel channel) {
        if (context.connections.size() >= context.config.maxConnections()) {
            Sockets.close(channel);
            return;
        }
        try {
            Sockets.prepare(channel);
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            Connection connection = new Connection(context, ++lastClient, channel, key);
            key.attach(connection);
            context.connections.add(connection);
        } catch (IOException e) {
            // The client is gone before it was here.
            Sockets.close(channel);
        }
    }

    private int resumeAccepting() {
        if (!acceptPaused || context.nowNs - acceptAgainNs < 0) {
            return 0;
        }
        acceptPaused = false;
        for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).listen(true);
        }
        return 1;
    }

    /** Begins with another connection each cycle, so that none is always first at a full device. */
    private int submitRequests() {
        ArrayList<Connection> connections = context.connections;
        int count = connections.size();
        int work = 0;
        int first = count == 0 ? 0 : (int) (context.cycle % count);
        for (int i = first; i < count; i++) {
            work += advance(connections.get(i));
        }
        for (int i = 0; i < first; i++) {
            work += advance(connections.get(i));
        }
        return work;
    }

    private int advance(Connection connection) {
        return context.ends.holds(connection) ? 0 : connection.advance();
    }

    private int sendReplies() {
        ArrayList<Connection> connections = context.connections;
        int work = 0;
        for (int i = 0; i < connections.size(); i++) {
            work += connections.get(i).send();
        }
        return work;
    }

    private int judgeClients() {
        boolean payloadWanted = context.payloads.pollDenied();
        boolean readWanted = context.reads.pollDenied();
        ArrayList<Connection> connections = context.connections;
        int work = 0;
        for (int i = 0; i < connections.size(); i++) {
            work += connections.get(i).judge(payloadWanted, readWanted);
        }
        return work;
    }

    private int settleConnections() {
        ArrayList<Connection> connections = context.connections;
        int work = 0;
        for (int i = connections.size() - 1; i >= 0; i--) {
            Connection connection = connections.get(i);
            work += connection.settle();
            if (connection.isClosed()) {
                connections.set(i, connections.getLast());
                connections.removeLast();
                work++;
            }
        }
        freeIdleMemory();
        return work;
    }

    private void freeIdleMemory() {
        if (ready > 0) {
            memoryUsedNs = context.nowNs;
        } else if (context.nowNs - memoryUsedNs > IDLE_MEMORY_NS) {
            memoryUsedNs = context.nowNs;
            context.freeIdle();
        }
    }

    /**
     * Closes all connections to an export at once and without replies, so that clients send again
     * what was not answered, maybe elsewhere. Requests the device has not taken are dropped; those
     * it has may be completed whenever it likes.
     *
     * @param exportName canonical name
     */
    public void disconnect(String exportName) {
        ArrayList<Connection> connections = context.connections;
        for (int i = 0; i < connections.size(); i++) {
            if (connections.get(i).uses(exportName)) {
                connections.get(i).close();
            }
        }
    }

    /** Where it listens, in the configured order, with the ports the system chose. */
    public List<SocketAddress> addresses() {
        return listeners.stream().map(Listener::address).toList();
    }

    /** Open connections, negotiating ones included. */
    public int connections() {
        return context.connections.size();
    }

    /** Requests received since the start. */
    public long requests() {
        return context.requests;
    }

    public long bytesIn() {
        return context.bytesIn;
    }

    public long bytesOut() {
        return context.bytesOut;
    }

    /** When the last request came in, by the server's clock; the start if none has. */
    public long lastRequestNs() {
        return context.lastRequestNs;
    }

    /** Closes all sockets without replies. Requests still with a device may be completed later. */
    @Override
    public void close() {
        closed = true;
        for (Listener listener : listeners) {
            listener.close();
        }
        for (Connection connection : context.connections) {
            connection.close();
        }
        context.connections.clear();
        context.freeIdle();
    }
}
