package io.tidemark.nbd;

import org.jspecify.annotations.Nullable;

/**
 * The memory for READ replies, shared by all connections: buffers of power-of-two sizes with room
 * for the header in front. Data thread only.
 *
 * <p>Clients that do not read their replies must not starve the others, so an eighth is kept for
 * small requests of connections that hold nothing. And small requests must not starve a large one:
 * once a connection had to wait, it is the next to get memory outside that eighth.
 */
final class ReadBudget {
    /** What counts as small: the kernel's client asks for at most 128 KiB at a time. */
    static final int SMALL = 256 * 1024;

    private final BufferPool[] pools;
    private final long budgetBytes;
    private final long reservedBytes;
    private long inUseBytes;
    private long idleBytes;
    private @Nullable Transmission next;
    private boolean denied;

    ReadBudget(long budgetBytes, int maxRequestBytes) {
        this.budgetBytes = budgetBytes;
        long largest = BufferBudgets.readMinimumBytes(maxRequestBytes);
        reservedBytes = Math.min(budgetBytes / 8, budgetBytes - largest);
        pools = new BufferPool[sizeClass(maxRequestBytes) + 1];
        for (int i = 0; i < pools.length; i++) {
            pools[i] =
                    new BufferPool(BufferBudgets.HEADER_ROOM + (BufferBudgets.SMALLEST_READ << i));
        }
    }

    private static int sizeClass(int length) {
        int words = (length - 1) / BufferBudgets.SMALLEST_READ;
        return 32 - Integer.numberOfLeadingZeros(words);
    }

    /**
     * A buffer for that many bytes of data, or null if the connection has to wait.
     *
     * @param holding READ memory that the connection holds already, bytes
     */
    @Nullable PooledBuffer acquire(Transmission client, int length, long holding) {
        BufferPool pool = pools[sizeClass(length)];
        boolean small = length <= SMALL && holding == 0;
        boolean mayUseCommon = next == null || next == client;
        long limit = small ? budgetBytes : mayUseCommon ? budgetBytes - reservedBytes : 0;
        if (inUseBytes + pool.bufferBytes() > limit) {
            denied = true;
            if (next == null) {
                next = client;
            }
            return null;
        }
        if (next == client) {
            next = null;
        }
        return take(pool);
    }

    private PooledBuffer take(BufferPool pool) {
        if (pool.idle() > 0) {
            idleBytes -= pool.bufferBytes();
        } else {
            makeRoom(pool.bufferBytes());
        }
        inUseBytes += pool.bufferBytes();
        return pool.acquire();
    }

    /**
     * Idle buffers of other sizes count too; the largest go first, there are the fewest of them.
     */
    private void makeRoom(int bytes) {
        for (int i = pools.length - 1; i >= 0; i--) {
            while (inUseBytes + idleBytes + bytes > budgetBytes && pools[i].freeOne()) {
                idleBytes -= pools[i].bufferBytes();
            }
        }
    }

    void release(PooledBuffer buffer) {
        inUseBytes -= buffer.capacity();
        idleBytes += buffer.capacity();
        buffer.home.release(buffer);
    }

    /** The connection is gone or no longer wants what it waited for. */
    void forget(Transmission client) {
        if (next == client) {
            next = null;
        }
    }

    /** Whether somebody had to wait since the last call. */
    boolean pollDenied() {
        boolean was = denied;
        denied = false;
        return was;
    }

    long bytesInUse() {
        return inUseBytes;
    }

    long bytesAllocated() {
        return inUseBytes + idleBytes;
    }

    void freeIdle() {
        for (BufferPool pool : pools) {
            pool.freeIdle();
        }
        idleBytes = 0;
    }
}
