package io.tidemark.nbd;

/** Sizes of the server's buffers, bytes, and what the budgets must hold at least. */
final class BufferBudgets {
    /**
     * Payload too large for a receive buffer is gathered in chunks of this size: the log's entries
     * carry pieces of 60, 8, 4 or 1 KiB, and each of them divides it evenly.
     */
    static final int CHUNK = 245_760;

    /** Holds a whole 128 KiB request of the kernel's client and the beginning of the next. */
    static final int RECEIVE = 256 * 1024;

    /** Holds the longest option that is looked at, with its header. */
    static final int NEGOTIATION = 16 * 1024;

    /** Holds 256 replies without data. */
    static final int REPLY_BLOCK = 4096;

    /**
     * Room in front of READ data, so that header and data leave in one piece: enough for a simple
     * reply (16) and for a structured chunk with its position (28), and keeps the data aligned.
     */
    static final int HEADER_ROOM = 32;

    /** Smallest READ buffer's data, a power of two. */
    static final int SMALLEST_READ = 4096;

    static {
        assert CHUNK % (60 * 1024) == 0 && CHUNK % (8 * 1024) == 0;
        assert RECEIVE >= 128 * 1024 + 28;
    }

    private BufferBudgets() {}

    static int chunks(long payloadBytes) {
        return (int) ((payloadBytes + CHUNK - 1) / CHUNK);
    }

    static long payloadBytes(int maxRequestBytes) {
        return (long) chunks(maxRequestBytes) * CHUNK;
    }

    static long readMinimumBytes(int maxRequestBytes) {
        return HEADER_ROOM + (1L << (32 - Integer.numberOfLeadingZeros(maxRequestBytes - 1)));
    }
}
