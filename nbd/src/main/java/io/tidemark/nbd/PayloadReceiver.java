package io.tidemark.nbd;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Receives the payload of a connection's current WRITE. One that fits the receive buffer stays
 * there, without another copy; a larger one is gathered in chunks under the server's budget; that
 * of a refused WRITE is dropped as it comes. Data thread only.
 */
final class PayloadReceiver {
    private enum Kind {
        NONE,
        INLINE,
        GATHERED,
        DROPPED
    }

    private final ServerContext context;
    private final ReceiveBuffer in;
    private final Progress progress = new Progress();
    private @Nullable LargePayload large;
    private Kind kind = Kind.NONE;
    private long left;

    PayloadReceiver(ServerContext context, ReceiveBuffer in) {
        this.context = context;
        this.in = in;
    }

    void begin(int length) {
        if (length <= in.capacity()) {
            kind = Kind.INLINE;
            left = length;
        } else {
            kind = Kind.GATHERED;
            large().begin(length);
            progress.restart(context.nowNs);
        }
    }

    void drop(long length) {
        kind = Kind.DROPPED;
        left = length;
    }

    /** Drops what came of the current payload, and the rest as it comes. */
    void dropRest() {
        long rest = unread();
        if (kind == Kind.INLINE) {
            in.pin(false);
        }
        release();
        drop(rest);
    }

    /** Takes what has been read; true once the payload is complete. */
    boolean receive() {
        return switch (kind) {
            case NONE -> true;
            case INLINE -> in.available() >= left;
            case GATHERED -> {
                large().take(in);
                yield large().complete();
            }
            case DROPPED -> {
                int dropped = (int) Math.min(left, in.available());
                in.consume(dropped);
                left -= dropped;
                yield left == 0;
            }
        };
    }

    /** Shows the complete payload to the request, where it stays until {@link #done()}. */
    void attach(DeviceRequest request) {
        if (kind == Kind.GATHERED) {
            request.payload(large());
        } else {
            in.pin(true);
            request.payload(in.view(), in.head());
        }
    }

    /** The payload is copied or dropped. */
    void done() {
        if (kind == Kind.INLINE) {
            in.pin(false);
            in.consume((int) left);
        }
        release();
    }

    /** Gives budgeted memory back, whatever is in it. */
    void release() {
        if (kind == Kind.GATHERED) {
            large().release();
        }
        kind = Kind.NONE;
        left = 0;
    }

    /** Whether bytes from the socket have a place. */
    boolean wantsInput() {
        return gathersDirectly() ? large().hasRoom() : in.hasRoom();
    }

    /** Reads once, given {@link #wantsInput()}: bytes, 0, -1 at the end. */
    int readFrom(SocketChannel channel) throws IOException {
        if (!gathersDirectly()) {
            return in.readFrom(channel);
        }
        int read = large().readFrom(channel);
        if (read > 0) {
            progress.moved(read, context.nowNs);
        }
        return read;
    }

    private boolean gathersDirectly() {
        return gathers() && in.available() == 0;
    }

    private boolean gathers() {
        return kind == Kind.GATHERED && !large().complete();
    }

    /** Is in the middle of a payload and cannot take more of it now. */
    boolean waitsForMemory() {
        return gathers() && !large().hasRoom();
    }

    /** Holds budgeted memory, could go on, and the client sends nothing. */
    boolean stalled() {
        if (!gathers() || large().chunks() == 0) {
            return false;
        }
        if (!large().hasRoom()) {
            // It waits for us, not we for it.
            progress.restart(context.nowNs);
            return false;
        }
        return progress.stalled(context.nowNs, context.config.stallTimeoutNs());
    }

    /** Bytes from the receive buffer's head to the next request's header. */
    long unread() {
        return kind == Kind.GATHERED ? large().missing() : left;
    }

    private LargePayload large() {
        LargePayload payload = large;
        if (payload == null) {
            payload = new LargePayload(context.payloads, context.config.maxRequestBytes());
            large = payload;
        }
        return payload;
    }
}
