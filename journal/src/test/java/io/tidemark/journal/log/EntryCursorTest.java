package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.codec.log.WriteDecoder;
import io.tidemark.journal.log.EntryCursor.Step;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EntryCursorTest {
    private static final UUID NODE = new UUID(1, 2);
    private static final UUID OTHER = new UUID(3, 4);

    private final LogFabric log = new LogFabric();
    private final EntryContext context = new EntryContext().ofNode(0);

    private EntryCursor cursorOn(byte[] bytes, long base, int from, int length) {
        ByteBuffer window = ByteBuffer.allocateDirect(length);
        window.put(bytes, from, length).clear();
        EntryCursor cursor = new EntryCursor(window);
        cursor.wrap(base, length);
        return cursor;
    }

    private EntryCursor cursor() {
        return cursorOn(log.bytes(), 0, 0, (int) log.end());
    }

    private void everyKindOfEntry() {
        log.epochStart(log.nextEpoch(1, NODE), new UUID(9, 9), List.of(OTHER), 0);
        log.write(context, 4096, new byte[] {1, 2, 3});
        log.zero(context, true, 0, 512);
        log.zero(context, false, 512, 512);
        log.flush(context);
        log.inSyncSet(1, List.of(OTHER, NODE), 0);
        log.seal(1, log.chain(), 0);
        log.epochEnd(1, NODE, 0);
    }

    @Test
    void everyKindOfEntryIsReadAsItWasWritten() {
        everyKindOfEntry();
        EntryCursor cursor = cursor();
        long chain = ChainHash.EMPTY;
        int entries = 0;
        while (cursor.next() == Step.ENTRY) {
            chain = cursor.chainAfter(chain);
            entries++;
        }
        assertThat(entries).isEqualTo(8);
        assertThat(cursor.endPosition()).isEqualTo(log.end());
        assertThat(chain).isEqualTo(log.chain());
    }

    @Test
    void aWriteShowsItsRangeAndItsPayload() {
        context.volume = 3;
        log.write(context, 4096, new byte[] {1, 2, 3});
        EntryCursor cursor = cursor();
        assertThat(cursor.next()).isEqualTo(Step.ENTRY);
        assertThat(cursor.templateId()).isEqualTo(WriteDecoder.TEMPLATE_ID);
        assertThat(cursor.header().volume()).isEqualTo(3);
        assertThat(cursor.volumeOffset()).isEqualTo(4096);
        assertThat(cursor.volumeLength()).isEqualTo(3);
        assertThat(cursor.buffer().getByte(cursor.payloadOffset() + 2)).isEqualTo((byte) 3);
        assertThat(cursor.next()).isEqualTo(Step.END);
    }

    /**
     * Only what Aeron alone uses (the frame header without length and type) and alignment may
     * change unseen.
     */
    @Test
    void everyFlippedBitOfAnEntryIsFound() {
        everyKindOfEntry();
        byte[] bytes = Arrays.copyOf(log.bytes(), (int) log.end());
        EntryCursor walk = cursor();
        while (walk.next() == Step.ENTRY) {
            int start = (int) walk.position();
            int frame = (bytes[start] & 0xFF) | (bytes[start + 1] & 0xFF) << 8;
            for (int i = 0; i < frame; i++) {
                if ((i >= 4 && i < 6) || (i >= 8 && i < EntryLayout.FRAME_HEADER)) {
                    continue;
                }
                for (int bit = 0; bit < 8; bit++) {
                    bytes[start + i] ^= (byte) (1 << bit);
                    assertFound(
                            bytes,
                            start,
                            "bit " + bit + " of byte " + i + " of the entry at " + start);
                    bytes[start + i] ^= (byte) (1 << bit);
                }
            }
        }
    }

    /**
     * Invalid, or as for every frame that may not lie in the window whole, the end of what can be
     * read.
     */
    private void assertFound(byte[] bytes, int start, String what) {
        EntryCursor cursor = cursorOn(bytes, start, start, bytes.length - start);
        Step step = cursor.next();
        assertThat(step).as(what).isNotEqualTo(Step.ENTRY);
        assertThat(cursor.position()).as(what).isEqualTo(start);
        if (step == Step.END) {
            assertThat(cursor.endPosition()).as(what).isEqualTo(start);
        }
    }

    @Test
    void anEntryAtAnotherPositionIsInvalid() {
        log.flush(context);
        EntryCursor cursor = cursorOn(log.bytes(), 128, 0, (int) log.end());
        assertThat(cursor.next()).isEqualTo(Step.INVALID);
        assertThat(cursor.problem()).contains("position 0");
    }

    @Test
    void aFrameThatIsNotThereWholeIsTheEndAndNotInvalid() {
        log.flush(context);
        long start = log.end();
        log.write(context, 0, new byte[4096]);
        for (int length = (int) start + 1; length < log.end(); length += 37) {
            EntryCursor cursor = cursorOn(log.bytes(), 0, 0, length);
            assertThat(cursor.next()).isEqualTo(Step.ENTRY);
            assertThat(cursor.next()).isEqualTo(Step.END);
            assertThat(cursor.endPosition()).isEqualTo(start);
        }
    }

    @Test
    void paddingIsSteppedOverWhereATermEndsAndNowhereElse() {
        while (log.end() < 3 * LogFabric.TERM_LENGTH) {
            log.write(context, 0, new byte[5_000]);
        }
        EntryCursor cursor = cursor();
        int padded = 0;
        long last = 0;
        while (cursor.next() == Step.ENTRY) {
            padded += cursor.position() == last ? 0 : 1;
            last = cursor.endPosition();
        }
        assertThat(padded).isEqualTo(3);
        assertThat(cursor.endPosition()).isEqualTo(log.end());
    }

    @Test
    void zeroesAreNoEntry() {
        EntryCursor cursor = cursorOn(new byte[4096], 0, 0, 4096);
        assertThat(cursor.next()).isEqualTo(Step.INVALID);
    }
}
