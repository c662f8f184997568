package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which range a damage is. */
class DamageTest {
    private static final int SEGMENT = 2 * LogFabric.TERM_LENGTH;
    private static final UUID NODE = new UUID(1, 2);

    @TempDir Path directory;
    private final LogFabric log = new LogFabric();

    @BeforeEach
    void openAnEpoch() {
        log.epochStart(log.nextEpoch(1, NODE), new UUID(7, 7), List.of(), 0);
    }

    private Damage damage(LogFiles files, long durable) {
        try (LogReader reader = new LogReader(new SegmentFiles(files), 20_000)) {
            DamagedLogException found =
                    catchThrowableOfType(
                            DamagedLogException.class,
                            () -> LogScan.run(reader, Trail.EMPTY, log.end(), durable, NODE, 0));
            assertThat(found).as("damage is found").isNotNull();
            return found.damage();
        }
    }

    private Damage damage() {
        return damage(log.saved(directory, SEGMENT), log.end());
    }

    @Test
    void everyBitOfAFrameCounts() {
        log.request(0, 0, new byte[100], 4_096, 0);
        int start = (int) log.end();
        log.request(0, 0, new byte[101], 4_096, 0);
        int end = (int) log.end();
        log.request(0, 0, new byte[100], 4_096, 0);
        for (int at = start; at < end; at++) {
            for (int bit = 0; bit < 8; bit++) {
                log.bytes()[at] ^= (byte) (1 << bit);
                Damage damage = damage();
                assertThat(damage.from()).as("bit %d of byte %d", bit, at - start).isEqualTo(start);
                assertThat(damage.to()).as("bit %d of byte %d", bit, at - start).isEqualTo(end);
                assertThat(damage.anchored()).isTrue();
                log.bytes()[at] ^= (byte) (1 << bit);
            }
        }
    }

    @Test
    void itGoesOverEntriesPaddingAndSegmentsToTheNextValidEntry() {
        while (log.end() < SEGMENT - 10_000) {
            log.request(0, 0, new byte[3_000], 4_096, 0);
        }
        long from = log.lastStart();
        while (log.end() < SEGMENT + 10_000) {
            log.request(0, 0, new byte[3_000], 4_096, 0);
        }
        long to = log.end();
        log.request(0, 0, new byte[3_000], 4_096, 0);
        Arrays.fill(log.bytes(), (int) from + 50, (int) to - 50, (byte) 0);
        Damage damage = damage();
        assertThat(damage.from()).isEqualTo(from);
        assertThat(damage.to()).isEqualTo(to);
        assertThat(damage.before().position()).isEqualTo(from);
    }

    @Test
    void damagedPaddingIsDamageToo() {
        int padding = 0;
        while (log.end() < LogFabric.TERM_LENGTH) {
            padding = (int) log.end();
            log.request(0, 0, new byte[3_000], 4_096, 0);
        }
        long next = log.lastStart();
        assertThat(next).isEqualTo(LogFabric.TERM_LENGTH);
        log.bytes()[padding + 20] ^= 1;
        Damage damage = damage();
        assertThat(damage.from()).isEqualTo(padding);
        assertThat(damage.to()).isEqualTo(next);
    }

    @Test
    void withNothingValidBehindItEndsWhereTheLogWasDurable() {
        log.request(0, 0, new byte[100], 4_096, 0);
        long start = log.end();
        log.request(0, 0, new byte[100], 4_096, 0);
        long durable = log.end();
        log.request(0, 0, new byte[100], 4_096, 0);
        Arrays.fill(log.bytes(), (int) start, (int) log.end(), (byte) 0);
        Damage damage = damage(log.saved(directory, SEGMENT), durable);
        assertThat(damage.from()).isEqualTo(start);
        assertThat(damage.to()).isEqualTo(durable);
        assertThat(damage.anchored()).isFalse();
    }

    @Test
    void aSegmentThatIsGoneIsDamageUpToTheNext() throws Exception {
        while (log.end() < 2 * SEGMENT + 10_000) {
            log.request(0, 0, new byte[3_000], 4_096, 0);
        }
        LogFiles files = log.saved(directory, SEGMENT);
        Files.delete(directory.resolve("0-" + SEGMENT + ".rec"));
        Damage damage = damage(files, log.end());
        assertThat(damage.from()).isEqualTo(SEGMENT);
        assertThat(damage.to()).isEqualTo(2 * SEGMENT);
        assertThat(damage.problem()).contains("is missing");
    }

    @Test
    void aRequestOfWhichTheEndIsDamagedBeginsAgainBeforeIt() {
        log.request(0, 0, new byte[100], 4_096, 0);
        long whole = log.end();
        log.request(0, 0, new byte[10_000], 4_096, 0);
        long last = log.lastStart();
        log.request(0, 0, new byte[100], 4_096, 0);
        log.bytes()[(int) last + 200] ^= 4;
        Damage damage = damage();
        assertThat(damage.from()).isEqualTo(last);
        assertThat(damage.before().position()).isEqualTo(whole);
    }
}
