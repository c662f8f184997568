package io.tidemark.tools.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The fixed newstyle negotiation with one option, GO. */
final class NbdHandshake {
    /**
     * What the server says about an export.
     *
     * @param sizeBytes its size
     * @param flags its transmission flags
     */
    record Export(long sizeBytes, int flags) {}

    private static final long MAGIC = 0x4e42444d41474943L;
    private static final long OPTION_MAGIC = 0x49484156454F5054L;
    private static final long REPLY_MAGIC = 0x3e889045565a9L;
    private static final int FIXED_NEWSTYLE = 1;
    private static final int NO_ZEROES = 2;
    private static final int OPTION_GO = 7;
    private static final int REPLY_ACK = 1;
    private static final int REPLY_INFO = 3;
    private static final int REPLY_ERROR = 1 << 31;
    private static final int INFO_EXPORT = 0;
    private static final int MAX_REPLY_BYTES = 64 << 10;

    private final Wire wire;

    NbdHandshake(final Wire wire) {
        this.wire = wire;
    }

    Export go(final String export) throws IOException {
        final int serverFlags = greeting();
        final byte[] name = export.getBytes(StandardCharsets.UTF_8);
        final ByteBuffer request = ByteBuffer.allocate(4 + 16 + 4 + name.length + 2);
        request.putInt(serverFlags & (FIXED_NEWSTYLE | NO_ZEROES));
        request.putLong(OPTION_MAGIC).putInt(OPTION_GO).putInt(4 + name.length + 2);
        request.putInt(name.length).put(name).putShort((short) 0);
        wire.write(request.flip());
        return reply(export);
    }

    private int greeting() throws IOException {
        final ByteBuffer greeting = wire.read(18);
        if (greeting.getLong() != MAGIC || greeting.getLong() != OPTION_MAGIC) {
            throw new IOException("the server does not speak NBD");
        }
        final int flags = greeting.getShort();
        if ((flags & FIXED_NEWSTYLE) == 0) {
            throw new IOException("the server does not speak fixed newstyle NBD");
        }
        return flags;
    }

    private Export reply(final String export) throws IOException {
        Export result = new Export(-1, 0);
        while (true) {
            final ByteBuffer header = wire.read(20);
            if (header.getLong() != REPLY_MAGIC || header.getInt() != OPTION_GO) {
                throw new IOException("the server answers something else than GO");
            }
            final int type = header.getInt();
            final int length = header.getInt();
            if (length < 0 || length > MAX_REPLY_BYTES) {
                throw new IOException("the server answers GO with " + length + " bytes");
            }
            final ByteBuffer data = wire.read(length);
            if ((type & REPLY_ERROR) != 0) {
                final String text = StandardCharsets.UTF_8.decode(data).toString();
                throw new IOException(
                        "the server refuses the export '"
                                + export
                                + "'"
                                + (text.isEmpty() ? "" : ": " + text));
            }
            if (type == REPLY_INFO && length >= 12 && data.getShort() == INFO_EXPORT) {
                result = new Export(data.getLong(), Short.toUnsignedInt(data.getShort()));
            }
            if (type == REPLY_ACK) {
                if (result.sizeBytes() < 0) {
                    throw new IOException("the server does not tell the export's size");
                }
                return result;
            }
        }
    }
}
