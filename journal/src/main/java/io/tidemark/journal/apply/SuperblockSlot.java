package io.tidemark.journal.apply;

import io.tidemark.codec.superblock.MessageHeaderDecoder;
import io.tidemark.codec.superblock.SlotDecoder;
import io.tidemark.codec.superblock.SlotEncoder;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The bytes of one slot: a frame with magic, generation, length and checksum, then the superblock.
 * What is behind it, up to the slot's end, means nothing. Stateless.
 */
final class SuperblockSlot {
    /** Of each of the two slots, in bytes. */
    static final int BYTES = 64 << 10;

    /** Slots are written in blocks of this many bytes. */
    static final int BLOCK_BYTES = 4096;

    /** "TIDESUPR", as bytes in the file. */
    static final long MAGIC = 0x5250555345444954L;

    private static final int FRAME_BYTES = SlotEncoder.BLOCK_LENGTH;
    private static final int CRC_AT = SlotEncoder.crc32cEncodingOffset();

    /** What a slot turned out to hold. */
    sealed interface Content {}

    /**
     * The superblock that was stored as the given generation; the higher one is newer.
     *
     * @param fileInode of the file that it was stored in, {@link SuperblockCodec#NO_INODE} if not
     *     known
     */
    record Valid(long generation, Superblock superblock, long fileInode) implements Content {}

    /** Nothing that counts, and why. */
    record Invalid(String reason) implements Content {}

    /** Written by a version that knows more. */
    record Newer(int version) implements Content {}

    private SuperblockSlot() {}

    /** The slot's bytes, whole blocks; longer than a slot if the superblock does not fit. */
    static ByteBuffer encode(Superblock superblock, long generation, long fileInode) {
        int needed = FRAME_BYTES + SuperblockCodec.length(superblock.checked());
        byte[] bytes = new byte[Math.ceilDiv(needed, BLOCK_BYTES) * BLOCK_BYTES];
        if (needed > BYTES) {
            return ByteBuffer.wrap(bytes);
        }
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        int length = SuperblockCodec.encode(superblock, fileInode, buffer, FRAME_BYTES);
        assert FRAME_BYTES + length == needed : length + " bytes, " + needed + " foreseen";
        SlotEncoder slot = new SlotEncoder().wrap(buffer, 0);
        slot.magic(MAGIC).generation(generation).length(length);
        slot.crc32c(crc(bytes, length));
        return ByteBuffer.wrap(bytes);
    }

    /** Checksum first, then structure; nothing of a slot counts unless all of it is right. */
    static Content decode(byte[] bytes) {
        SlotDecoder slot = new SlotDecoder();
        slot.wrap(new UnsafeBuffer(bytes), 0, SlotDecoder.BLOCK_LENGTH, SlotDecoder.SCHEMA_VERSION);
        if (slot.magic() != MAGIC) {
            return new Invalid("no superblock (magic %016x)".formatted(slot.magic()));
        }
        long length = slot.length();
        if (length < MessageHeaderDecoder.ENCODED_LENGTH || length > BYTES - FRAME_BYTES) {
            return new Invalid("a length of " + length + " bytes");
        }
        long crc = crc(bytes, (int) length);
        if (crc != slot.crc32c()) {
            return new Invalid("checksum %08x instead of %08x".formatted(crc, slot.crc32c()));
        }
        UnsafeBuffer encoded = new UnsafeBuffer(bytes, FRAME_BYTES, (int) length);
        int version = SuperblockCodec.version(encoded);
        if (version > SlotDecoder.SCHEMA_VERSION) {
            return new Newer(version);
        }
        try {
            return new Valid(
                    slot.generation(),
                    SuperblockCodec.decode(encoded),
                    SuperblockCodec.fileInode(encoded));
        } catch (IllegalArgumentException e) {
            return new Invalid("right checksum, but " + e.getMessage());
        }
    }

    private static long crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, CRC_AT);
        crc.update(bytes, FRAME_BYTES, length);
        return crc.getValue();
    }
}
