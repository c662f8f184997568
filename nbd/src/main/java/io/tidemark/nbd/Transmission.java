package io.tidemark.nbd;

import io.tidemark.codec.nbd.RequestDecoder;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The transmission phase of one connection: receive, validate, perform, reply. Holds at most one
 * request that is not yet the device's; it is dropped when the connection is closed. Data thread
 * only.
 */
final class Transmission {
    private enum Phase {
        /** Waits for the next request's header. */
        REQUEST,
        /** Waits for the payload of a WRITE. */
        PAYLOAD,
        /** Drops the payload of a refused WRITE, then answers it. */
        SKIP,
        /** Has a whole request and offers it to the device. */
        OFFER,
        /** After DISC: answers what came before it. */
        LEAVING,
        CLOSED
    }

    /**
     * What becomes of requests whose client has gone away, while it is unknown whether in peace.
     */
    private enum Ending {
        NO,
        /** They wait for a DISC or the end behind them. */
        HELD,
        /** They are too many to wait, and dropped as they come. */
        DISCARDED
    }

    private static final int HEADER = RequestDecoder.BLOCK_LENGTH;

    private final ServerContext context;
    private final long client;
    private final Export export;
    private final BlockDevice device;
    private final ReceiveBuffer in;
    private final ReplyQueue replies;
    private final PayloadReceiver payload;
    private final long readLimit;
    private final Fence fence;

    private boolean fenced;
    private Phase phase = Phase.REQUEST;
    private Ending ending = Ending.NO;
    private @Nullable DeviceRequest current;
    private long refusedCookie;
    private int refusedError;
    private int inFlight;
    private long inFlightReadBytes;

    Transmission(ServerContext context, long client, Export export, ReceiveBuffer in, Fence fence) {
        this.context = context;
        this.client = client;
        this.export = export;
        this.in = in;
        this.fence = fence;
        device = export.device();
        payload = new PayloadReceiver(context, in);
        replies = new ReplyQueue(context);
        readLimit =
                Math.max(
                        BufferBudgets.readMinimumBytes(context.config.maxRequestBytes()),
                        context.config.readBudgetBytes() / 4);
    }

    Export export() {
        return export;
    }

    ReplyQueue replies() {
        return replies;
    }

    /** Goes on as far as the bytes received, the limits and the device allow. */
    int advance() {
        // Looked at in every cycle: an older connection may be seen empty now, and be full again
        // when it matters. One that ends submits nothing and waits for nobody: others wait for it.
        fenced = ending == Ending.NO && !fence.passed();
        int work = 0;
        while (step()) {
            work++;
        }
        return work;
    }

    private boolean step() {
        return switch (phase) {
            case REQUEST -> receiveRequest();
            case PAYLOAD -> receivePayload();
            case SKIP -> skipPayload();
            case OFFER -> perform();
            case LEAVING, CLOSED -> false;
        };
    }

    // --- receive and validate

    private boolean receiveRequest() {
        if (in.available() < HEADER || (ending != Ending.DISCARDED && isFull())) {
            return false;
        }
        RequestDecoder header =
                context.request.wrap(in.view(), in.head(), HEADER, RequestDecoder.SCHEMA_VERSION);
        if ((int) header.magic() != NbdProtocol.REQUEST_MAGIC) {
            phase = Phase.CLOSED;
            return false;
        }
        int type = header.commandType();
        // What changes nothing cannot be overtaken, so it goes on although an older connection's
        // write has to wait, maybe for long: for space in the journal.
        if (fenced && changes(type)) {
            return false;
        }
        int flags = header.commandFlags();
        long cookie = header.cookie();
        long offset = header.exportOffset();
        long length = header.length();
        in.consume(HEADER);
        context.requests++;
        context.lastRequestNs = context.nowNs;
        if (type == NbdProtocol.CMD_DISC) {
            phase = Phase.LEAVING;
            return false;
        }
        if (ending == Ending.DISCARDED) {
            skip(cookie, NbdErrors.NONE, type == NbdProtocol.CMD_WRITE ? length : 0);
        } else {
            validated(type, flags, cookie, offset, length);
        }
        return true;
    }

    private static boolean changes(int type) {
        return switch (type) {
            case NbdProtocol.CMD_READ, NbdProtocol.CMD_FLUSH, NbdProtocol.CMD_DISC -> false;
            default -> true;
        };
    }

    private boolean isFull() {
        return inFlight + replies.replies() >= context.config.maxOutstanding();
    }

    private void validated(int type, int flags, long cookie, long offset, long length) {
        int maxRequest = context.config.maxRequestBytes();
        int error = RequestValidator.check(type, flags, offset, length, device, maxRequest);
        boolean empty = length == 0 && type != NbdProtocol.CMD_FLUSH;
        if (error == NbdErrors.NONE && !empty) {
            accept(command(type), flags, cookie, offset, length);
        } else if (type == NbdProtocol.CMD_WRITE && length > 0) {
            skip(cookie, error, length);
        } else {
            replies.add(cookie, error);
        }
    }

    private static Command command(int type) {
        return switch (type) {
            case NbdProtocol.CMD_READ -> Command.READ;
            case NbdProtocol.CMD_WRITE -> Command.WRITE;
            case NbdProtocol.CMD_TRIM -> Command.TRIM;
            case NbdProtocol.CMD_WRITE_ZEROES -> Command.WRITE_ZEROES;
            case NbdProtocol.CMD_FLUSH -> Command.FLUSH;
            default -> throw new AssertionError("validated: " + type);
        };
    }

    private void skip(long cookie, int error, long length) {
        if (length > 2L * NbdProtocol.PORTABLE_PAYLOAD) {
            // Nobody means to send that much in one request: the stream is not what it seems.
            phase = Phase.CLOSED;
            return;
        }
        payload.drop(length);
        refusedCookie = cookie;
        refusedError = error;
        phase = Phase.SKIP;
    }

    private void accept(Command command, int flags, long cookie, long offset, long length) {
        DeviceRequest request = context.requestPool.acquire();
        request.begin(this, client, command, flags, cookie, offset, length);
        current = request;
        phase = Phase.OFFER;
        if (command == Command.WRITE) {
            phase = Phase.PAYLOAD;
            payload.begin((int) length);
        }
    }

    private boolean receivePayload() {
        if (!payload.receive()) {
            return false;
        }
        payload.attach(current());
        phase = Phase.OFFER;
        return true;
    }

    private boolean skipPayload() {
        if (!payload.receive()) {
            return false;
        }
        payload.done();
        if (ending != Ending.DISCARDED) {
            replies.add(refusedCookie, refusedError);
        }
        phase = Phase.REQUEST;
        return true;
    }

    // --- perform

    private boolean perform() {
        if (ending != Ending.NO) {
            return false;
        }
        DeviceRequest request = current();
        if (request.command() == Command.READ && !request.hasTarget() && !acquireTarget(request)) {
            return false;
        }
        request.aim();
        request.lend();
        inFlight++;
        current = null;
        if (!device.submit(request)) {
            inFlight--;
            request.takeBack();
            keepOrDrop(request);
            return false;
        }
        // From here on the request may be completed, reused and somebody else's.
        if (phase == Phase.OFFER) {
            payload.done();
            phase = Phase.REQUEST;
        }
        return true;
    }

    private void keepOrDrop(DeviceRequest request) {
        if (phase == Phase.OFFER) {
            current = request;
        } else {
            context.requestPool.release(request);
        }
    }

    private boolean acquireTarget(DeviceRequest request) {
        int length = (int) request.length();
        long holding = inFlightReadBytes + replies.readBytes();
        if (holding > 0 && holding + BufferBudgets.readMinimumBytes(length) > readLimit) {
            return false;
        }
        PooledBuffer target = context.reads.acquire(this, length, holding);
        if (target == null) {
            return false;
        }
        request.target(target);
        inFlightReadBytes += target.capacity();
        return true;
    }

    // --- reply

    /** The device is done with a request, maybe long after its connection was closed. */
    void completed(DeviceRequest request, int error) {
        inFlight--;
        if (phase == Phase.CLOSED) {
            context.requestPool.release(request);
            return;
        }
        PooledBuffer target = request.takeTarget();
        if (target != null) {
            inFlightReadBytes -= target.capacity();
        }
        if (target != null && error == NbdErrors.NONE) {
            replies.add(request.cookie(), target, (int) request.length());
        } else {
            if (target != null) {
                context.reads.release(target);
            }
            replies.add(request.cookie(), error);
        }
        context.requestPool.release(request);
    }

    // --- what the connection asks

    /** Whether bytes from the socket are wanted and have a place. */
    boolean wantsInput() {
        return phase != Phase.LEAVING && phase != Phase.CLOSED && payload.wantsInput();
    }

    /** Reads once, given {@link #wantsInput()}: bytes, 0, -1 at the end. */
    int readFrom(SocketChannel channel) throws IOException {
        return payload.readFrom(channel);
    }

    /** Whether the client broke the protocol, so that the rest of its bytes means nothing. */
    boolean violated() {
        return phase == Phase.CLOSED;
    }

    boolean holdsChange() {
        return phase == Phase.OFFER
                && current != null
                && current.command() != Command.READ
                && current.command() != Command.FLUSH;
    }

    boolean leaving() {
        return phase == Phase.LEAVING;
    }

    /** After DISC: everything that came before it is done. */
    boolean finished() {
        return phase == Phase.LEAVING && inFlight == 0 && replies.isEmpty();
    }

    PayloadReceiver payload() {
        return payload;
    }

    /**
     * The peer sends nothing more. What it sent before a DISC is still its wish; anything else that
     * is not the device's yet is dropped.
     */
    boolean disconnectReceived() {
        return phase == Phase.LEAVING
                || DisconnectScan.finds(in, payload.unread(), context.request);
    }

    // --- an end that is known before it is reached

    /** The client has gone away: nothing is submitted until a DISC or the end is seen. */
    void hold() {
        ending = Ending.HELD;
    }

    /** A DISC follows: what came before it is the client's wish, unless dropped already. */
    void resume() {
        if (ending == Ending.HELD) {
            ending = Ending.NO;
        }
    }

    /** No place to hold what else comes: drops what is here and all that follows. */
    void discard() {
        if (ending == Ending.DISCARDED) {
            return;
        }
        ending = Ending.DISCARDED;
        if (phase == Phase.PAYLOAD || phase == Phase.OFFER) {
            payload.dropRest();
            phase = Phase.SKIP;
        }
        dropCurrent();
        context.reads.forget(this);
    }

    /** Whether {@link #hold} is in force and no DISC was seen. */
    boolean ending() {
        return ending != Ending.NO && phase != Phase.LEAVING && phase != Phase.CLOSED;
    }

    private void dropCurrent() {
        DeviceRequest request = current;
        current = null;
        if (request != null) {
            context.requestPool.release(request);
        }
    }

    /** Drops what is not the device's yet; requests in flight come back to {@link #completed}. */
    void close() {
        phase = Phase.CLOSED;
        dropCurrent();
        payload.release();
        replies.discard();
        context.reads.forget(this);
    }

    private DeviceRequest current() {
        if (current == null) {
            throw new IllegalStateException("no request in phase " + phase);
        }
        return current;
    }
}
