package io.tidemark.nbd;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One client's socket and the phase it is in. Each step of the server's duty cycle has its method
 * here: look ({@link #onReady}), go on ({@link #advance}), send ({@link #send}), settle ({@link
 * #settle}). Data thread only.
 */
final class Connection {
    /** Bytes read per cycle, so that one client cannot keep the thread from the others. */
    private static final int RECEIVE_LIMIT = 1 << 20;

    private final ServerContext context;
    private final long id;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final long acceptedNs;
    private final Negotiation negotiation;
    private final Progress sendProgress = new Progress();
    private final Suspicion suspicion = new Suspicion();
    private final int number;

    private ReceiveBuffer in;
    private @Nullable Transmission transmission;
    private boolean closed;
    private boolean peerGone;
    private boolean sendBlocked;
    private long received;
    private long readyCycle;
    private long emptyCycle;
    private boolean endKnown;

    Connection(ServerContext context, long id, SocketChannel channel, SelectionKey key) {
        this.context = context;
        this.id = id;
        this.channel = channel;
        this.key = key;
        acceptedNs = context.nowNs;
        number = context.hangups.number(channel);
        in = new ReceiveBuffer(context.negotiationBuffers);
        negotiation = new Negotiation(context.exports, context.config.maxRequestBytes());
    }

    long id() {
        return id;
    }

    boolean isClosed() {
        return closed;
    }

    boolean uses(String exportName) {
        return transmission != null && transmission.export().name().equals(exportName);
    }

    /** Bytes received in all. */
    long received() {
        return received;
    }

    // --- look

    /** The selector found the socket ready. */
    int onReady(int readyOps) {
        if (closed) {
            return 0;
        }
        if ((readyOps & SelectionKey.OP_WRITE) != 0) {
            sendBlocked = false;
        }
        if ((readyOps & SelectionKey.OP_READ) == 0) {
            return 0;
        }
        readyCycle = context.cycle;
        return receive();
    }

    private int receive() {
        int total = 0;
        try {
            while (total < RECEIVE_LIMIT && wantsInput()) {
                int read =
                        transmission == null
                                ? in.readFrom(channel)
                                : transmission.readFrom(channel);
                if (read <= 0) {
                    emptyCycle = context.cycle;
                    total += read < 0 ? peerGone() : 0;
                    break;
                }
                total += read;
                received += read;
                context.bytesIn += read;
            }
        } catch (IOException e) {
            total += peerGone();
        }
        return total;
    }

    private boolean wantsInput() {
        if (closed || peerGone) {
            return false;
        }
        return transmission == null
                ? negotiation.wantsInput() && in.hasRoom()
                : transmission.wantsInput();
    }

    private int peerGone() {
        peerGone = true;
        if (transmission == null || !transmission.disconnectReceived()) {
            close();
        } else {
            transmission.resume();
        }
        return 1;
    }

    /** Whether the socket had nothing unread in a cycle after the given one. */
    boolean wasEmptySince(long cycle, long now) {
        boolean quiet = readyCycle < now && (key.interestOps() & SelectionKey.OP_READ) != 0;
        return emptyCycle > cycle || (quiet && now > cycle);
    }

    /**
     * Whether it must not make others wait though its socket was not seen empty. After a DISC
     * nothing follows; where replies wait for their reader, sending them shows whether it is gone;
     * and where a payload waits for memory, the end is noticed before that payload is submitted.
     */
    boolean submitsNothingLate() {
        return sendBlocked
                || (transmission != null
                        && (transmission.leaving() || transmission.payload().waitsForMemory()));
    }

    /** Whether a request that changes the device was read whole, but is not taken yet. */
    boolean holdsChange() {
        return transmission != null && transmission.holdsChange();
    }

    // --- ends behind unread bytes, see EndWatch

    /** The descriptor's number, for {@link HangupPoll}. */
    int number() {
        return number;
    }

    boolean shares(Connection other) {
        return !closed && other.transmission != null && uses(other.transmission.export().name());
    }

    /** Was not read empty in this cycle, so that requests may lie before an end not yet seen. */
    boolean mayHideItsEnd() {
        return !closed
                && !peerGone
                && !endKnown
                && transmission != null
                && !transmission.leaving()
                && !wasEmptySince(context.cycle - 1, context.cycle);
    }

    /** The client has closed its side; what it sent is in the socket to the end. */
    void onEndKnown() {
        endKnown = true;
        if (transmission != null) {
            transmission.hold();
        }
    }

    /** Whether its end is known and neither reached nor found to follow a DISC. */
    boolean isEnding() {
        return endKnown && !closed && !peerGone && transmission != null && transmission.ending();
    }

    /** Whether the end that may be there would not be seen. */
    void suspect() {
        if (submitsNothingLate()) {
            suspicion.clear();
        } else {
            suspicion.raise(received, context.cycle);
        }
    }

    void clearSuspicion() {
        suspicion.clear();
    }

    boolean holdsOthers() {
        return isEnding() || (!closed && suspicion.raised());
    }

    /** The client's wish is known once a DISC is seen or what came is more than has a place. */
    private void decide(Transmission ending) {
        if (ending.disconnectReceived()) {
            ending.resume();
        } else if (!ending.wantsInput()) {
            ending.discard();
        }
    }

    // --- go on

    /** Goes on with what has been received. */
    int advance() {
        if (closed) {
            return 0;
        }
        if (transmission != null) {
            if (isEnding()) {
                decide(transmission);
            }
            return advanceTransmission(transmission);
        }
        int work = negotiation.advance(in);
        if (negotiation.violated()) {
            close();
            return work + 1;
        }
        return work;
    }

    private int advanceTransmission(Transmission phase) {
        int work = phase.advance();
        if (phase.violated()) {
            close();
            return work + 1;
        }
        return work;
    }

    /** At once, not in the next cycle: what the client sends from here on are requests. */
    private void enter(Export export) {
        if (export.refusal() != null) {
            // Refused since it was chosen, and not yet among those that disconnect() closes.
            close();
            return;
        }
        ReceiveBuffer larger = new ReceiveBuffer(context.receiveBuffers);
        if (in.available() > 0) {
            larger.takeOver(in);
        }
        in.release();
        in = larger;
        Fence fence = new Fence(context, id, export);
        transmission = new Transmission(context, id, export, larger, fence);
    }

    // --- send

    int send() {
        if (closed || sendBlocked) {
            return 0;
        }
        try {
            return transmission == null ? sendNegotiation() : sendReplies(transmission.replies());
        } catch (IOException e) {
            onSendFailed();
            return 1;
        }
    }

    private int sendNegotiation() throws IOException {
        if (negotiation.replies().isEmpty()) {
            return 0;
        }
        int sent = negotiation.replies().send(channel);
        context.bytesOut += sent;
        sendBlocked = !negotiation.replies().isEmpty();
        Export export = negotiation.chosen();
        if (export != null && !sendBlocked) {
            enter(export);
        }
        return sent;
    }

    private int sendReplies(ReplyQueue replies) throws IOException {
        if (replies.isEmpty()) {
            return 0;
        }
        long sent = replies.send(channel);
        context.bytesOut += sent;
        sendBlocked = replies.blocked();
        if (sendBlocked && sent == 0) {
            return 0;
        }
        sendProgress.moved(sent, context.nowNs);
        return 1;
    }

    /** What came before a DISC is still performed, though nobody is left to be told. */
    private void onSendFailed() {
        receive();
        if (closed) {
            return;
        }
        if (transmission == null || !peerGone) {
            close();
        } else {
            transmission.replies().discard();
        }
    }

    // --- settle

    /** Ends what is finished, tells the selector what to look for, gives idle memory back. */
    int settle() {
        if (closed) {
            return 0;
        }
        if (transmission == null ? negotiation.finished() : transmission.finished()) {
            close();
            return 1;
        }
        if (!sendBlocked) {
            sendProgress.restart(context.nowNs);
        }
        int interest = wantsInput() ? SelectionKey.OP_READ : 0;
        interest |= sendBlocked ? SelectionKey.OP_WRITE : 0;
        if (key.interestOps() != interest) {
            key.interestOps(interest);
        }
        in.releaseIfEmpty();
        return 0;
    }

    /**
     * Closes the connection if its client has had its time.
     *
     * @param payloadWanted whether others wait for payload memory
     * @param readWanted whether others wait for READ memory
     */
    int judge(boolean payloadWanted, boolean readWanted) {
        if (!closed && isOverdue(payloadWanted, readWanted)) {
            close();
            return 1;
        }
        return 0;
    }

    private boolean isOverdue(boolean payloadWanted, boolean readWanted) {
        if (transmission == null) {
            return context.nowNs - acceptedNs >= context.config.handshakeTimeoutNs();
        }
        if (payloadWanted && transmission.payload().stalled()) {
            return true;
        }
        boolean holdsWhatOthersWant = readWanted && transmission.replies().readBytes() > 0;
        return sendBlocked
                && (holdsWhatOthersWant || transmission.leaving())
                && sendProgress.stalled(context.nowNs, context.config.stallTimeoutNs());
    }

    /** Closes at once and answers nothing more; what the device has is answered into the void. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (transmission != null) {
            transmission.close();
        }
        in.release();
        Sockets.close(channel);
    }
}
