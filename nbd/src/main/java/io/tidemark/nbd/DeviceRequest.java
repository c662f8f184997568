package io.tidemark.nbd;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One request in flight: pooled, owned by the server, lent to the device from {@link
 * BlockDevice#submit} until {@link #complete}. Data thread only, except that another thread may
 * fill {@link #target()} before the data thread completes the request.
 */
public final class DeviceRequest {
    private enum State {
        FREE,
        HELD,
        LENT
    }

    private State state = State.FREE;
    private Command command = Command.FLUSH;
    private long offset;
    private long length;
    private int flags;
    private long cookie;
    private long client;
    private @Nullable Transmission owner;
    private @Nullable PooledBuffer target;
    private @Nullable DirectBuffer inlinePayload;
    private int inlineOffset;
    private @Nullable LargePayload largePayload;

    DeviceRequest() {}

    public Command command() {
        return command;
    }

    /** First byte on the device; 0 for FLUSH. */
    public long offset() {
        return offset;
    }

    /** Bytes concerned, up to 2^32 - 1 for TRIM and WRITE_ZEROES; 0 for FLUSH. */
    public long length() {
        return length;
    }

    /** Whether the reply promises that the request's effect is on stable storage. */
    public boolean fua() {
        return (flags & NbdProtocol.CMD_FLAG_FUA) != 0;
    }

    /** WRITE_ZEROES: whether the range must stay allocated. */
    public boolean noHole() {
        return (flags & NbdProtocol.CMD_FLAG_NO_HOLE) != 0;
    }

    /** Number of the connection, above 0 and unique for the server's life. */
    public long client() {
        return client;
    }

    /**
     * WRITE: number of slices of the payload, in order and complete; 0 for other commands. The
     * slices are valid only during the {@link BlockDevice#submit} that returns true, so the device
     * copies; a request offered again has the same slices. Either there is one, or all but the last
     * are 245,760 bytes long.
     */
    public int payloadCount() {
        if (largePayload != null) {
            return largePayload.chunks();
        }
        return inlinePayload == null ? 0 : 1;
    }

    public DirectBuffer payload(int i) {
        if (largePayload != null) {
            return largePayload.chunk(i);
        }
        if (inlinePayload == null || i != 0) {
            throw new IndexOutOfBoundsException(i);
        }
        return inlinePayload;
    }

    public int payloadOffset(int i) {
        return largePayload != null ? 0 : inlineOffset;
    }

    public int payloadLength(int i) {
        return largePayload != null ? largePayload.chunkLength(i) : (int) length;
    }

    /**
     * READ: a direct buffer that the device fills from its position to its limit, exactly {@link
     * #length()} bytes. The device may move the position.
     */
    public ByteBuffer target() {
        if (target == null) {
            throw new IllegalStateException(command + " has no target");
        }
        return target.bytes;
    }

    /**
     * Ends the request. The device must not touch it afterwards.
     *
     * @param error {@link NbdErrors#NONE} or the number the client gets; a number unknown to the
     *     protocol is sent as EIO
     */
    public void complete(int error) {
        if (state != State.LENT) {
            throw new IllegalStateException("not in flight: " + command + " at " + offset);
        }
        if (owner == null) {
            throw new IllegalStateException("a request in flight has an owner");
        }
        owner.completed(this, NbdErrors.isDefined(error) ? error : NbdErrors.EIO);
    }

    void begin(
            Transmission forOwner,
            long forClient,
            Command what,
            int withFlags,
            long withCookie,
            long at,
            long bytes) {
        assert state == State.FREE;
        state = State.HELD;
        owner = forOwner;
        client = forClient;
        command = what;
        flags = withFlags;
        cookie = withCookie;
        offset = at;
        length = bytes;
    }

    void payload(DirectBuffer buffer, int at) {
        inlinePayload = buffer;
        inlineOffset = at;
    }

    void payload(LargePayload gathered) {
        largePayload = gathered;
    }

    void target(PooledBuffer buffer) {
        target = buffer;
        aim();
    }

    boolean hasTarget() {
        return target != null;
    }

    /** Points the target at the data's place; a refused submit may have moved it. */
    void aim() {
        if (target != null) {
            target.bytes.limit(BufferBudgets.HEADER_ROOM + (int) length);
            target.bytes.position(BufferBudgets.HEADER_ROOM);
        }
    }

    /** Takes the target out, for the reply that sends it. */
    @Nullable PooledBuffer takeTarget() {
        PooledBuffer taken = target;
        target = null;
        return taken;
    }

    void lend() {
        assert state == State.HELD;
        state = State.LENT;
    }

    void takeBack() {
        assert state == State.LENT;
        state = State.HELD;
    }

    long cookie() {
        return cookie;
    }

    void free() {
        assert state != State.FREE;
        state = State.FREE;
        owner = null;
        inlinePayload = null;
        largePayload = null;
    }
}
