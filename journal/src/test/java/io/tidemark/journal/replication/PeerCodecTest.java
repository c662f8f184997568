package io.tidemark.journal.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.codec.peer.HelloDecoder;
import io.tidemark.codec.peer.MessageHeaderDecoder;
import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.agrona.ExpandableDirectByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class PeerCodecTest {
    private final long seed = Long.getLong("tidemark.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final ExpandableDirectByteBuffer buffer = new ExpandableDirectByteBuffer();

    private Hello randomHello() {
        List<EpochIdentity> epochs = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            int n = epochs.size() + 1;
            epochs.add(new EpochIdentity(n, n * 100L, random.nextLong(), uuid(), uuid()));
        }
        List<Hello.Volume> volumes = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            volumes.add(new Hello.Volume(volumes.size(), random.nextLong(1, 1L << 50)));
        }
        return new Hello(
                random.nextLong(),
                random.nextLong(),
                uuid(),
                "node-é",
                random.nextBoolean() ? uuid() : null,
                "r0",
                random.nextBoolean() ? uuid() : null,
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextBoolean() ? uuid() : null,
                random.nextBoolean() ? Role.REPLICA : Role.CANDIDATE,
                random.nextLong(),
                new EpochHistory(epochs),
                volumes);
    }

    private UUID uuid() {
        return new UUID(random.nextLong(), random.nextLong() | 1);
    }

    private static Hello decode(UnsafeBuffer bytes) {
        return PeerCodec.decodeHello(
                new HelloDecoder().wrapAndApplyHeader(bytes, 0, new MessageHeaderDecoder()));
    }

    @Test
    void aHelloIsReadAsItWasSaid() {
        for (int i = 0; i < 200; i++) {
            Hello hello = randomHello();
            int length = PeerCodec.encodeHello(buffer, 42, hello);
            assertThat(decode(new UnsafeBuffer(buffer, 0, length))).isEqualTo(hello);
        }
    }

    /** What PeerLinks drops: anything else would end the node's duty cycle. */
    @Test
    void hostileBytesAreRefusedAndNothingWorse() {
        System.out.println("PeerCodecTest: -Dtidemark.seed=" + seed);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            int length = PeerCodec.encodeHello(buffer, 42, randomHello());
            byte[] bytes = new byte[length];
            buffer.getBytes(0, bytes);
            for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
                // The header is checked before: a template of another kind is not decoded as this
                // one.
                int at =
                        MessageHeaderDecoder.ENCODED_LENGTH
                                + random.nextInt(length - MessageHeaderDecoder.ENCODED_LENGTH);
                bytes[at] = (byte) random.nextInt();
            }
            int kept = random.nextInt(4) == 0 ? random.nextInt(8, length) : length;
            try {
                decode(new UnsafeBuffer(bytes, 0, kept));
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1_000);
    }
}
