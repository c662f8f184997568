package io.tidemark.tools.crash;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a sector of a test write says of itself: which request of which connection wrote it, and
 * where. The rest of the sector follows from that, so a sector is wholly right or found out.
 *
 * @param writer number of the connection, in the order in which they were made
 * @param request number of the request on that connection, from 0
 * @param sector number of the sector on the volume
 */
record Stamp(int writer, int request, long sector) {
    static final int BYTES = FileImage.SECTOR;

    /** What every stamp begins with, and its first byte. */
    static final long MAGIC = 0x5453_4d41_524b_4544L;

    static final byte FIRST = (byte) (MAGIC >>> 56);

    /** Bytes of magic, writer, request and sector. */
    static final int HEAD = 24;

    void write(ByteBuffer target) {
        byte[] bytes = new byte[BYTES];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        new SplittableRandom(sector * 1_000_003 + writer * 31L + request).nextBytes(bytes);
        buffer.putLong(MAGIC).putInt(writer).putInt(request).putLong(sector);
        buffer.putInt(BYTES - Integer.BYTES, checksum(bytes));
        target.put(bytes);
    }

    /** The stamp of a sector, null if it has none or is not wholly as it was written. */
    static @Nullable Stamp read(byte[] bytes, int from) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, from, BYTES);
        if (buffer.getLong() != MAGIC) {
            return null;
        }
        Stamp stamp = new Stamp(buffer.getInt(), buffer.getInt(), buffer.getLong());
        ByteBuffer expected = ByteBuffer.allocate(BYTES);
        stamp.write(expected);
        return expected.flip().equals(ByteBuffer.wrap(bytes, from, BYTES)) ? stamp : null;
    }

    static boolean isZero(byte[] bytes, int from) {
        for (int i = from; i < from + BYTES; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, BYTES - Integer.BYTES);
        return (int) crc.getValue();
    }
}
