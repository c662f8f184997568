package io.tidemark.journal.log;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;

/**
 * The running hash over (position, entry) of a log from its start: two logs with the same chain
 * hash at a position hold the same entries before it. An entry goes in by its two CRC32C, of which
 * the header's covers every byte of the header (the payload's CRC among them) and the payload's
 * every byte of the payload, so the payload is read once, not twice.
 */
public final class ChainHash {
    /** Chain hash of the empty log. */
    public static final long EMPTY = 0;

    private static final Hasher64 HASHER = Hashing.komihash5_0();

    private ChainHash() {}

    /** Chain hash after an entry whose frame begins at {@code position}. */
    public static long next(long chain, long position, int headerCrc, int payloadCrc) {
        long crcs = ((long) headerCrc << 32) | (payloadCrc & 0xFFFF_FFFFL);
        return HASHER.hashLongLongLongToLong(chain, position, crcs);
    }
}
