package io.tidemark.journal.secret;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.agrona.ExpandableDirectByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What a peer's control messages are checked for. */
final class SealTest {
    private static final byte[] KEY = key(1);

    private final Seal seal = new Seal(KEY);
    private final SealCheck check = new SealCheck(KEY);

    @Test
    void whatWasSealedCounts() {
        for (int length : new int[] {0, 1, 84, 200, 131_072, 84}) {
            ExpandableDirectByteBuffer message = message(length);
            int sealed = seal.seal(message, length);
            assertThat(sealed).isEqualTo(length + Seal.BYTES);
            assertThat(check.accepts(message, 0, sealed)).as("%d bytes", length).isTrue();
        }
    }

    @Test
    void aChangedMessageDoesNot() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        UnsafeBuffer message = new UnsafeBuffer(new byte[84 + Seal.BYTES]);
        int sealed = seal.seal(message, 84);
        for (int i = 0; i < sealed; i++) {
            byte good = message.getByte(i);
            message.putByte(i, (byte) (good ^ (1 << random.nextInt(8))));
            assertThat(check.accepts(message, 0, sealed)).as("byte %d, seed %d", i, seed).isFalse();
            message.putByte(i, good);
        }
        assertThat(check.accepts(message, 0, sealed)).isTrue();
    }

    @Test
    void aShortenedMessageDoesNot() {
        UnsafeBuffer message = new UnsafeBuffer(new byte[84 + Seal.BYTES]);
        int sealed = seal.seal(message, 84);
        for (int length = 0; length < sealed; length++) {
            assertThat(check.accepts(message, 0, length)).as("%d bytes", length).isFalse();
        }
    }

    @Test
    void oneThatIsSentAgainDoesNot() {
        UnsafeBuffer first = new UnsafeBuffer(new byte[84 + Seal.BYTES]);
        UnsafeBuffer second = new UnsafeBuffer(new byte[84 + Seal.BYTES]);
        int length = seal.seal(first, 84);
        seal.seal(second, 84);
        assertThat(check.accepts(second, 0, length)).isTrue();
        assertThat(check.accepts(second, 0, length)).as("again").isFalse();
        assertThat(check.accepts(first, 0, length)).as("an earlier one").isFalse();
    }

    @Test
    void aForgedOneDoesNotPushTheCounterAhead() {
        UnsafeBuffer forged = new UnsafeBuffer(new byte[84 + Seal.BYTES]);
        forged.putLong(84, Long.MAX_VALUE, java.nio.ByteOrder.LITTLE_ENDIAN);
        assertThat(check.accepts(forged, 0, 84 + Seal.BYTES)).isFalse();
        UnsafeBuffer good = new UnsafeBuffer(new byte[84 + Seal.BYTES]);
        assertThat(check.accepts(good, 0, seal.seal(good, 84))).isTrue();
    }

    @Test
    void oneOfAnotherKeyDoesNot() {
        UnsafeBuffer message = new UnsafeBuffer(new byte[84 + Seal.BYTES]);
        assertThat(check.accepts(message, 0, new Seal(key(2)).seal(message, 84))).isFalse();
    }

    private static ExpandableDirectByteBuffer message(int length) {
        ExpandableDirectByteBuffer message = new ExpandableDirectByteBuffer(64);
        for (int i = 0; i < length; i++) {
            message.putByte(i, (byte) i);
        }
        return message;
    }

    private static byte[] key(int value) {
        byte[] key = new byte[Hmac.BYTES];
        key[0] = (byte) value;
        return key;
    }
}
