package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import io.tidemark.journal.log.RangePatch.Outcome;
import io.tidemark.journal.log.RangePatch.Remembered;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a peer sends is written only if it is this log, and then the log is whole again. */
class RangePatchTest {
    private static final int SEGMENT = 2 * LogFabric.TERM_LENGTH;
    private static final UUID NODE = new UUID(1, 2);
    private static final UUID RESOURCE = new UUID(7, 7);
    private static final Remembered EPOCH_ONE = new Remembered(RESOURCE, 1, null, null);

    @TempDir Path directory;
    private final LogFabric own = new LogFabric();
    private final LogFabric peer = new LogFabric();

    /** The same appends on both sides, so the same logs. */
    private void onBoth(java.util.function.Consumer<LogFabric> append) {
        append.accept(own);
        append.accept(peer);
    }

    private void begin() {
        onBoth(l -> l.epochStart(l.nextEpoch(1, NODE), RESOURCE, List.of(), 0));
    }

    private static void request(LogFabric log, int length, int value) {
        byte[] data = new byte[length];
        Arrays.fill(data, (byte) value);
        log.request(0, 0, data, 4_096, 0);
    }

    private @Nullable Damage damage(LogReader reader, long durable) {
        DamagedLogException found =
                catchThrowableOfType(
                        DamagedLogException.class,
                        () -> LogScan.run(reader, Trail.EMPTY, own.end(), durable, NODE, 0));
        return found == null ? null : found.damage();
    }

    /** Mends all from the peer; returns why it was rejected, or empty. */
    private String mend(long durable, Remembered remembered) throws IOException {
        LogFiles files = own.saved(Files.createDirectories(directory.resolve("own")), SEGMENT);
        LogFiles theirs = peer.saved(Files.createDirectories(directory.resolve("peer")), SEGMENT);
        try (LogReader reader = new LogReader(new SegmentFiles(files), 1 << 20);
                RangeReader source = new RangeReader("test", theirs, () -> {})) {
            Damage damage = damage(reader, durable);
            while (damage != null) {
                RangePatch patch = new RangePatch(files, damage, remembered);
                do {
                    source.read(
                            patch.wanted(),
                            Math.min(patch.wanted() + patch.wantedBytes(), peer.end()));
                    while (!source.idle()) {
                        Thread.onSpinWait();
                    }
                    if (source.length() == 0) {
                        return source.problem();
                    }
                    patch.put(new UnsafeBuffer(source.bytes()), 0, source.length(), Long.MAX_VALUE);
                    patch.take(reader);
                } while (patch.outcome() == Outcome.MORE);
                if (patch.outcome() == Outcome.REJECTED) {
                    return patch.problem();
                }
                damage = damage(reader, durable);
            }
            return "";
        }
    }

    private byte[] file(String side, long base) throws IOException {
        return Files.readAllBytes(directory.resolve(side).resolve("0-" + base + ".rec"));
    }

    @Test
    void randomDamageIsMendedToTheSameBytes() throws IOException {
        long seed = Long.getLong("tidemark.seed", System.nanoTime());
        System.out.println("random damage: -Dtidemark.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        begin();
        while (own.end() < 3 * SEGMENT) {
            int length = 1 + random.nextInt(20_000);
            onBoth(l -> request(l, length, length));
        }
        for (int i = 0; i < 30; i++) {
            int at = random.nextInt((int) own.end() - 30_000);
            Arrays.fill(
                    own.bytes(),
                    at,
                    at + 1 + (i % 3 == 0 ? random.nextInt(30_000) : 0),
                    (byte) random.nextInt());
        }
        assertThat(mend(own.end(), EPOCH_ONE)).isEmpty();
        for (long base = 0; base < own.end(); base += SEGMENT) {
            // Padding is but a header; what a damage left behind it belongs to no entry.
            assertThat(entries("own", base)).isEqualTo(entries("peer", base));
        }
    }

    private List<String> entries(String side, long base) throws IOException {
        byte[] bytes = file(side, base);
        java.nio.ByteBuffer direct = java.nio.ByteBuffer.allocateDirect(bytes.length).put(bytes);
        EntryCursor cursor = new EntryCursor(direct);
        cursor.wrap(base, bytes.length);
        List<String> entries = new java.util.ArrayList<>();
        while (cursor.next() == EntryCursor.Step.ENTRY) {
            entries.add(cursor.position() + ":" + cursor.chainAfter(0));
        }
        return entries;
    }

    @Test
    void anotherLogIsRejectedByTheEntryBehindTheDamage() throws IOException {
        begin();
        onBoth(l -> request(l, 100, 1));
        long damaged = own.end();
        request(own, 100, 2);
        request(peer, 100, 3);
        request(own, 100, 4);
        request(peer, 100, 5);
        own.bytes()[(int) damaged + 60] ^= 1;
        assertThat(mend(own.end(), EPOCH_ONE)).contains("is not this log's");
        byte[] left = Arrays.copyOfRange(file("own", 0), (int) damaged, (int) own.end());
        assertThat(left).isEqualTo(Arrays.copyOfRange(own.bytes(), (int) damaged, (int) own.end()));
    }

    @Test
    void anEpochThatThisNodeNeverSawIsRejectedWhereNothingValidFollows() throws IOException {
        begin();
        onBoth(l -> request(l, 100, 1));
        long damaged = own.end();
        onBoth(l -> l.epochStart(l.nextEpoch(2, NODE), RESOURCE, List.of(), 0));
        own.bytes()[(int) damaged + 60] ^= 1;
        assertThat(mend(own.end(), EPOCH_ONE)).contains("epoch 2").contains("never");
        assertThat(mend(own.end(), new Remembered(RESOURCE, 2, new UUID(5, 5), null)))
                .contains("never");
        assertThat(mend(own.end(), new Remembered(new UUID(9, 9), 2, null, null)))
                .contains("another resource");
        assertThat(mend(own.end(), new Remembered(RESOURCE, 2, NODE, null))).isEmpty();
    }

    /** The log of an epoch's replica that was promoted by force, within what is damaged here. */
    @Test
    void anEpochThatIsNotRememberedIsRejectedWhateverItsNumber() throws IOException {
        begin();
        EpochIdentity first = new EpochIdentity(1, 0, ChainHash.EMPTY, NODE, new UUID(1, 0));
        onBoth(l -> request(l, 100, 1));
        long damaged = own.end();
        request(own, 10_000, 2);
        peer.epochStart(peer.nextEpoch(2, NODE), RESOURCE, List.of(), 0);
        request(peer, 20_000, 3);
        Arrays.fill(own.bytes(), (int) damaged, (int) own.end(), (byte) 0);
        Remembered remembered = new Remembered(RESOURCE, 7, null, new EpochHistory(List.of(first)));
        assertThat(remembered.epochAt(own.end())).isEqualTo(first);
        assertThat(mend(own.end(), remembered)).contains("epoch 2").contains("never");
        byte[] left = Arrays.copyOfRange(file("own", 0), (int) damaged, (int) own.end());
        assertThat(left).containsOnly(0);
    }

    @Test
    void anEpochThatIsRememberedIsMissedAtTheEnd() throws IOException {
        begin();
        EpochIdentity first = new EpochIdentity(1, 0, ChainHash.EMPTY, NODE, new UUID(1, 0));
        onBoth(l -> request(l, 100, 1));
        long damaged = own.end();
        EpochIdentity second = own.nextEpoch(2, NODE);
        onBoth(l -> request(l, 10_000, 2));
        Arrays.fill(own.bytes(), (int) damaged, (int) own.end(), (byte) 0);
        assertThat(
                        mend(
                                own.end(),
                                new Remembered(
                                        RESOURCE,
                                        2,
                                        null,
                                        new EpochHistory(List.of(first, second)))))
                .contains("not of epoch 2");
        assertThat(
                        mend(
                                own.end(),
                                new Remembered(
                                        RESOURCE, 2, null, new EpochHistory(List.of(first)))))
                .isEmpty();
    }

    @Test
    void aPeerThatIsDamagedAtTheSamePlaceSendsNothing() throws IOException {
        begin();
        onBoth(l -> request(l, 100, 1));
        long damaged = own.end();
        onBoth(l -> request(l, 100, 2));
        onBoth(l -> l.bytes()[(int) damaged + 60] ^= 1);
        assertThat(mend(own.end(), EPOCH_ONE)).contains("checksum");
    }

    @Test
    void aLogThatEndsBeforeLeavesTheRestDamaged() throws IOException {
        begin();
        onBoth(l -> request(l, 100, 1));
        long damaged = own.end();
        onBoth(l -> request(l, 100, 2));
        request(own, 100, 3);
        Arrays.fill(own.bytes(), (int) damaged, (int) own.end(), (byte) 0);
        long end = peer.end();
        assertThat(mend(end, EPOCH_ONE)).isEmpty();
        assertThat(entries("own", 0)).isEqualTo(entries("peer", 0));
    }
}
