package io.tidemark.tools.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one writer knows about its range of blocks: the generation that was last acknowledged for
 * each, and the one request, if any, whose reply never came. Belongs to the writer's thread until
 * that has ended.
 */
final class BlockLedger {
    /** A request of several blocks, all of one generation. */
    record Request(int first, int count, long generation) {
        boolean covers(final int block) {
            return block >= first && block < first + count;
        }
    }

    /**
     * What became of a ledger's blocks.
     *
     * @param acknowledged requests that were answered
     * @param missing blocks that do not hold what was answered last
     * @param torn requests without answer that are there in part
     */
    record Verdict(long acknowledged, long missing, long torn) {
        static final Verdict NONE = new Verdict(0, 0, 0);

        Verdict plus(final Verdict other) {
            return new Verdict(
                    acknowledged + other.acknowledged, missing + other.missing, torn + other.torn);
        }

        boolean good() {
            return missing == 0 && torn == 0;
        }
    }

    private final long firstBlock;
    private final long[] generations;
    private long acknowledged;
    private @Nullable Request unanswered;

    /**
     * Makes a ledger of blocks that were never written.
     *
     * @param firstBlock number of the first block in the volume
     * @param blocks how many there are
     */
    BlockLedger(final long firstBlock, final int blocks) {
        this.firstBlock = firstBlock;
        this.generations = new long[blocks];
    }

    int blocks() {
        return generations.length;
    }

    /** Number in the volume of a block of this ledger. */
    long number(final int block) {
        return firstBlock + block;
    }

    void sent(final Request request) {
        assert unanswered == null : "one request at a time";
        unanswered = request;
    }

    void answered() {
        final Request request = Objects.requireNonNull(unanswered);
        Arrays.fill(
                generations,
                request.first(),
                request.first() + request.count(),
                request.generation());
        acknowledged++;
        unanswered = null;
    }

    /** Compares with a copy of the volume. */
    Verdict verify(final FileChannel copy, final TestBlock test) throws IOException {
        final @Nullable Request open = unanswered;
        long missing = 0;
        int fresh = 0;
        final ByteBuffer buffer = ByteBuffer.allocate(TestBlock.BYTES);
        for (int block = 0; block < generations.length; block++) {
            readBlock(copy, buffer.clear(), number(block) * TestBlock.BYTES);
            final long found = test.take(buffer, number(block));
            if (open != null && open.covers(block) && found == open.generation()) {
                fresh++;
            } else if (found != generations[block]) {
                missing++;
            }
        }
        final boolean torn = open != null && fresh != 0 && fresh != open.count();
        return new Verdict(acknowledged, missing, torn ? 1 : 0);
    }

    private static void readBlock(final FileChannel copy, final ByteBuffer into, final long offset)
            throws IOException {
        while (into.hasRemaining()) {
            if (copy.read(into, offset + into.position()) < 0) {
                throw new IOException("the copy ends before byte " + (offset + into.limit()));
            }
        }
        into.flip();
    }
}
