package io.tidemark.tools.disk;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A request of the kernel as it lies in the buffer that it was read into. Offsets count from the
 * end of its header.
 */
record FuseRequest(MemorySegment buffer, long bytes) {
    static final int HEADER = 40;

    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

    int opcode() {
        return buffer.get(U32, 4);
    }

    long unique() {
        return buffer.get(U64, 8);
    }

    long node() {
        return buffer.get(U64, 16);
    }

    int uid() {
        return buffer.get(U32, 24);
    }

    int gid() {
        return buffer.get(U32, 28);
    }

    int u32(int offset) {
        return buffer.get(U32, HEADER + offset);
    }

    long u64(int offset) {
        return buffer.get(U64, HEADER + offset);
    }

    String text(int offset) {
        return buffer.getString(HEADER + offset);
    }

    MemorySegment data(int offset, long length) {
        return buffer.asSlice(HEADER + offset, length);
    }
}
