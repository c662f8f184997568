package io.tidemark.nbd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What INFO and GO ask: an export's name and which information about it.
 *
 * @param information bit n is set if NBD_INFO number n is asked for; numbers unknown to this server
 *     are left out, as the protocol wants
 */
record ExportQuery(String name, int information) {

    /** The query in an option's data, or null if the inner lengths contradict the outer one. */
    static @Nullable ExportQuery parse(DirectBuffer data, int at, int length) {
        if (length < 6) {
            return null;
        }
        long nameLength = Integer.toUnsignedLong(data.getInt(at, ByteOrder.BIG_ENDIAN));
        if (nameLength > Math.min(length - 6, NbdProtocol.MAX_STRING)) {
            return null;
        }
        String name = name(data, at + 4, (int) nameLength);
        int countAt = at + 4 + (int) nameLength;
        int count = Short.toUnsignedInt(data.getShort(countAt, ByteOrder.BIG_ENDIAN));
        if (name == null || length != 6 + nameLength + 2L * count) {
            return null;
        }
        return new ExportQuery(name, information(data, countAt + 2, count));
    }

    boolean asks(int information) {
        return (this.information & 1 << information) != 0;
    }

    private static int information(DirectBuffer data, int at, int count) {
        int asked = 0;
        for (int i = 0; i < count; i++) {
            int type = Short.toUnsignedInt(data.getShort(at + 2 * i, ByteOrder.BIG_ENDIAN));
            if (type <= NbdProtocol.INFO_BLOCK_SIZE) {
                asked |= 1 << type;
            }
        }
        return asked;
    }

    /** The name in these bytes, or null if they are no UTF-8 or hold a NUL. */
    static @Nullable String name(DirectBuffer data, int at, int length) {
        byte[] bytes = new byte[length];
        data.getBytes(at, bytes);
        try {
            String name =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return name.indexOf('\0') < 0 ? name : null;
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
