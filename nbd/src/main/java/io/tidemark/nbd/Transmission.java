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

    private static final int HEADER = RequestDecoder.BLOCK_LENGTH;

    private final ServerContext context;
    private final long client;
    private final Export export;
    private final BlockDevice device;
    private final ReceiveBuffer in;
    private final ReplyQueue replies;
    private final Progress payloadProgress = new Progress();
    private final long readLimit;
    private final Fence fence;

    private Phase phase = Phase.REQUEST;
    private @Nullable DeviceRequest current;
    private @Nullable LargePayload large;
    private boolean gathering;
    private long skip;
    private long skipCookie;
    private int skipError;
    private int inFlight;
    private long inFlightReadBytes;

    Transmission(ServerContext context, long client, Export export, ReceiveBuffer in, Fence fence) {
        this.context = context;
        this.client = client;
        this.export = export;
        this.in = in;
        this.fence = fence;
        device = export.device();
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
        if (!fence.passed()) {
            return 0;
        }
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
        if (in.available() < HEADER
                || inFlight + replies.replies() >= context.config.maxOutstanding()) {
            return false;
        }
        RequestDecoder header =
                context.request.wrap(in.view(), in.head(), HEADER, RequestDecoder.SCHEMA_VERSION);
        if ((int) header.magic() != NbdProtocol.REQUEST_MAGIC) {
            phase = Phase.CLOSED;
            return false;
        }
        int type = header.commandType();
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
        validated(type, flags, cookie, offset, length);
        return true;
    }

    private void validated(int type, int flags, long cookie, long offset, long length) {
        int maxRequest = context.config.maxRequestBytes();
        int error = RequestValidator.check(type, flags, offset, length, device, maxRequest);
        boolean empty = length == 0 && type != NbdProtocol.CMD_FLUSH;
        if (error == NbdErrors.NONE && !empty) {
            accept(command(type), flags, cookie, offset, length);
        } else if (type == NbdProtocol.CMD_WRITE && length > 0) {
            refuse(cookie, error, length);
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

    private void refuse(long cookie, int error, long length) {
        if (length > 2L * NbdProtocol.PORTABLE_PAYLOAD) {
            // Nobody means to send that much in one request: the stream is not what it seems.
            phase = Phase.CLOSED;
            return;
        }
        skip = length;
        skipCookie = cookie;
        skipError = error;
        phase = Phase.SKIP;
    }

    private void accept(Command command, int flags, long cookie, long offset, long length) {
        DeviceRequest request = context.requestPool.acquire();
        request.begin(this, client, command, flags, cookie, offset, length);
        current = request;
        if (command != Command.WRITE) {
            phase = Phase.OFFER;
            return;
        }
        phase = Phase.PAYLOAD;
        if (length > in.capacity()) {
            gathering = true;
            largePayload().begin((int) length);
            payloadProgress.restart(context.nowNs);
        }
    }

    private boolean receivePayload() {
        DeviceRequest request = current();
        if (gathering) {
            LargePayload payload = largePayload();
            payload.take(in);
            if (!payload.complete()) {
                return false;
            }
            request.payload(payload);
        } else {
            if (in.available() < request.length()) {
                return false;
            }
            in.pin(true);
            request.payload(in.view(), in.head());
        }
        phase = Phase.OFFER;
        return true;
    }

    private boolean skipPayload() {
        int dropped = (int) Math.min(skip, in.available());
        in.consume(dropped);
        skip -= dropped;
        if (skip > 0) {
            return false;
        }
        replies.add(skipCookie, skipError);
        phase = Phase.REQUEST;
        return true;
    }

    // --- perform

    private boolean perform() {
        DeviceRequest request = current();
        if (request.command() == Command.READ && !request.hasTarget() && !acquireTarget(request)) {
            return false;
        }
        // Once taken, the request may be completed and reused before submit returns.
        int inlineBytes =
                request.command() == Command.WRITE && !gathering ? (int) request.length() : 0;
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
        if (phase == Phase.OFFER) {
            in.pin(false);
            in.consume(inlineBytes);
            releaseLarge();
            phase = Phase.REQUEST;
        }
        return true;
    }

    private void keepOrDrop(DeviceRequest request) {
        if (phase == Phase.OFFER) {
            current = request;
        } else {
            drop(request);
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

    /** Whether bytes from the socket have a place. */
    boolean wantsInput() {
        return switch (phase) {
            case LEAVING, CLOSED -> false;
            case PAYLOAD -> gathersDirectly() ? largePayload().hasRoom() : in.hasRoom();
            case REQUEST, SKIP, OFFER -> in.hasRoom();
        };
    }

    /** Reads once, given {@link #wantsInput()}: bytes, 0, -1 at the end. */
    int readFrom(SocketChannel channel) throws IOException {
        if (!gathersDirectly()) {
            return in.readFrom(channel);
        }
        int read = largePayload().readFrom(channel);
        if (read > 0) {
            payloadProgress.moved(read, context.nowNs);
        }
        return read;
    }

    private boolean gathersDirectly() {
        return gathering && !largePayload().complete() && in.available() == 0;
    }

    /** Whether the client broke the protocol, so that the rest of its bytes means nothing. */
    boolean violated() {
        return phase == Phase.CLOSED;
    }

    boolean leaving() {
        return phase == Phase.LEAVING;
    }

    /** After DISC: everything that came before it is done. */
    boolean finished() {
        return phase == Phase.LEAVING && inFlight == 0 && replies.isEmpty();
    }

    /** Is in the middle of a payload and cannot take more of it now. */
    boolean waitsForPayloadMemory() {
        return phase == Phase.PAYLOAD && gathering && !largePayload().hasRoom();
    }

    /** Holds payload memory, could go on, and its client sends nothing. */
    boolean stalledInPayload() {
        if (phase != Phase.PAYLOAD || !gathering) {
            return false;
        }
        LargePayload payload = largePayload();
        if (payload.chunks() == 0) {
            return false;
        }
        if (!payload.hasRoom()) {
            // It waits for us, not we for it.
            payloadProgress.restart(context.nowNs);
            return false;
        }
        return payloadProgress.stalled(context.nowNs, context.config.stallTimeoutNs());
    }

    /**
     * The peer sends nothing more. What it sent before a DISC is still its wish; anything else that
     * is not the device's yet is dropped.
     */
    boolean disconnectReceived() {
        return phase == Phase.LEAVING || DisconnectScan.finds(in, unread(), context.request);
    }

    /** Bytes from the head of the buffer to the next request's header. */
    private long unread() {
        return switch (phase) {
            case REQUEST, LEAVING, CLOSED -> 0;
            case SKIP -> skip;
            case PAYLOAD, OFFER -> {
                DeviceRequest request = current();
                if (gathering) {
                    yield largePayload().missing();
                }
                yield request.command() == Command.WRITE ? request.length() : 0;
            }
        };
    }

    /** Drops what is not the device's yet; requests in flight come back to {@link #completed}. */
    void close() {
        phase = Phase.CLOSED;
        DeviceRequest request = current;
        current = null;
        if (request != null) {
            drop(request);
        }
        releaseLarge();
        replies.discard();
        context.reads.forget(this);
    }

    private void drop(DeviceRequest request) {
        context.requestPool.release(request);
    }

    private void releaseLarge() {
        if (gathering) {
            gathering = false;
            largePayload().release();
        }
    }

    private DeviceRequest current() {
        if (current == null) {
            throw new IllegalStateException("no request in phase " + phase);
        }
        return current;
    }

    private LargePayload largePayload() {
        LargePayload payload = large;
        if (payload == null) {
            payload = new LargePayload(context.payloads, context.config.maxRequestBytes());
            large = payload;
        }
        return payload;
    }
}
