package io.tidemark.nbd;

import java.util.ArrayList;

/**
 * The memory for large WRITE payloads, shared by all connections. Data thread only.
 *
 * <p>Several payloads that each got a part of the memory and wait for the rest would wait for ever.
 * So as much as the largest request needs is kept for the payload that was begun first: that one
 * always goes on if its client does, and when it ends the next is first.
 */
final class PayloadBudget {
    private final BufferPool pool = new BufferPool(BufferBudgets.CHUNK);
    private final ArrayList<LargePayload> gathering = new ArrayList<>();
    private final int maxChunks;
    private final int reservedChunks;
    private boolean denied;

    PayloadBudget(long budgetBytes, int maxRequestBytes) {
        maxChunks = (int) (budgetBytes / BufferBudgets.CHUNK);
        reservedChunks = BufferBudgets.chunks(maxRequestBytes);
        assert maxChunks >= reservedChunks;
    }

    /** The payload has given everything back. */
    void leave(LargePayload payload) {
        gathering.remove(payload);
    }

    /** Whether this payload may take a chunk now, or has to wait until others gave some back. */
    boolean available(LargePayload payload) {
        int limit = maxChunks;
        if (!gathering.isEmpty() && gathering.getFirst() != payload) {
            // What the first one holds already, it holds of its reserve.
            int reserved = reservedChunks - gathering.getFirst().chunks();
            limit -= Math.max(0, reserved);
        }
        boolean available = pool.inUse() < limit;
        denied |= !available;
        return available;
    }

    PooledBuffer acquire(LargePayload payload) {
        if (payload.chunks() == 0) {
            gathering.add(payload);
        }
        return pool.acquire();
    }

    void release(PooledBuffer chunk) {
        pool.release(chunk);
    }

    /** Whether somebody had to wait since the last call. */
    boolean pollDenied() {
        boolean was = denied;
        denied = false;
        return was;
    }

    long bytesInUse() {
        return (long) pool.inUse() * BufferBudgets.CHUNK;
    }

    void freeIdle() {
        pool.freeIdle();
    }
}
