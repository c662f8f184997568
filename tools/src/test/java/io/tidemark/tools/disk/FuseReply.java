package io.tidemark.tools.disk;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The reply to one request, put together from its start to its end in a buffer that is reused. */
final class FuseReply {
    static final int HEADER = 16;

    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;

    /** One name changes in no other way than through the kernel, which knows. */
    private static final long VALID_SECONDS = 3600;

    private final MemorySegment buffer;
    private long end;

    FuseReply(MemorySegment buffer) {
        this.buffer = buffer;
    }

    FuseReply clear() {
        end = HEADER;
        return this;
    }

    FuseReply u16(int value) {
        buffer.set(U16, end, (short) value);
        end += Short.BYTES;
        return this;
    }

    FuseReply u32(int value) {
        buffer.set(U32, end, value);
        end += Integer.BYTES;
        return this;
    }

    FuseReply u64(long value) {
        buffer.set(U64, end, value);
        end += Long.BYTES;
        return this;
    }

    /** Room for data, of which {@link #filled} tells how much there is. */
    MemorySegment room(long bytes) {
        return buffer.asSlice(end, bytes);
    }

    FuseReply filled(long bytes) {
        end += bytes;
        return this;
    }

    /** A node that was looked up. */
    FuseReply entry(DiskNode node) {
        return u64(node.number).u64(0).u64(VALID_SECONDS).u64(VALID_SECONDS).u64(0).stat(node);
    }

    FuseReply attributes(DiskNode node) {
        return u64(VALID_SECONDS).u64(0).stat(node);
    }

    private FuseReply stat(DiskNode node) {
        long seconds = node.modifiedMs / 1000;
        int nanos = (int) (node.modifiedMs % 1000 * 1_000_000);
        return u64(node.number)
                .u64(node.size())
                .u64(node.pages() * (DiskSpace.PAGE / 512))
                .u64(seconds)
                .u64(seconds)
                .u64(seconds)
                .u32(nanos)
                .u32(nanos)
                .u32(nanos)
                .u32(node.mode)
                .u32(node instanceof DiskNode.Folder ? 2 : 1)
                .u32(node.uid)
                .u32(node.gid)
                .u32(0)
                .u32(DiskSpace.PAGE)
                .u32(0);
    }

    /**
     * An entry of a folder, unless it does not fit.
     *
     * @param next where reading goes on after it
     * @param limit most bytes of the reply's body
     */
    boolean folderEntry(String name, DiskNode node, long next, int limit) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        int length = (24 + text.length + 7) & ~7;
        if (end - HEADER + length > limit) {
            return false;
        }
        long start = end;
        u64(node.number).u64(next).u32(text.length).u32(node.mode >> 12);
        MemorySegment.copy(text, 0, buffer, ValueLayout.JAVA_BYTE, end, text.length);
        buffer.asSlice(end + text.length, start + length - end - text.length).fill((byte) 0);
        end = start + length;
        return true;
    }

    /** The reply with its header. */
    MemorySegment finish(long unique, int error) {
        if (error != 0) {
            end = HEADER;
        }
        return message(unique, -error);
    }

    /** Something that the kernel did not ask for. */
    MemorySegment notice(int code) {
        return message(0, code);
    }

    private MemorySegment message(long unique, int code) {
        buffer.set(U32, 0, (int) end);
        buffer.set(U32, 4, code);
        buffer.set(U64, 8, unique);
        return buffer.asSlice(0, end);
    }
}
