package io.tidemark.journal.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.JournalException;
import io.tidemark.journal.log.LogFabric;
import io.tidemark.journal.log.LogFiles;
import io.tidemark.journal.log.LogReader;
import io.tidemark.journal.log.SegmentFiles;
import io.tidemark.journal.log.Trail;
import io.tidemark.journal.partition.CreateMode;
import io.tidemark.journal.partition.Partition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Partitions against a model in memory. */
class WindowApplierTest {
    private static final int SEGMENT = 2 * LogFabric.TERM_LENGTH;

    /** Five pieces of a request and a void one before them. */
    private static final int SMALL_WINDOW = 48 * 1024;

    @TempDir Path directory;
    private final SplittableRandom random = Seed.random(WindowApplierTest.class);
    private final List<VolumePartition> volumes = new ArrayList<>();

    private List<VolumePartition> freshVolumes(int round) {
        close();
        for (int i = 0; i < RandomLog.VOLUMES; i++) {
            Path file = directory.resolve("volume-" + round + "-" + i);
            volumes.add(
                    new VolumePartition(
                            i,
                            Partition.open(
                                    file, RandomLog.VOLUME_BYTES, CreateMode.CREATE_IF_MISSING)));
        }
        return volumes;
    }

    @AfterEach
    void close() {
        volumes.forEach(v -> v.partition().close());
        volumes.clear();
    }

    private byte[][] contents() {
        byte[][] contents = new byte[RandomLog.VOLUMES][RandomLog.VOLUME_BYTES];
        volumes.forEach(v -> v.partition().read(0, ByteBuffer.wrap(contents[v.volume()])));
        return contents;
    }

    private LogFiles saved(RandomLog log, int round) {
        try {
            Path segments = Files.createDirectories(directory.resolve("log-" + round));
            return log.log.saved(segments, SEGMENT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void partitionsAreTheModelAtEveryAppliedPosition() {
        for (int round = 0; round < 12; round++) {
            RandomLog log = new RandomLog(random, 150);
            int windowBytes = SMALL_WINDOW + 32 * random.nextInt(4_000);
            try (LogReader reader =
                    new LogReader(new SegmentFiles(saved(log, round)), windowBytes)) {
                WindowApplier applier = new WindowApplier(reader, freshVolumes(round));
                Trail applied = Trail.EMPTY;
                while (log.wholeAt(log.log.end()) > applied.position()) {
                    long limit =
                            Math.max(
                                    applied.position(),
                                    log.frameAt(
                                            applied.position()
                                                    + 32L * (1 + random.nextInt(2_500))));
                    Trail next = applier.apply(applied, limit);
                    assertThat(next.position()).isBetween(applied.position(), limit);
                    applied = next;
                    assertThat(RandomLog.same(contents(), log.at(applied.position())))
                            .as(
                                    "round %d, applied %d of limit %d",
                                    round, applied.position(), limit)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void everythingThatAWindowCanTakeIsApplied() {
        RandomLog log = new RandomLog(random, 150);
        try (LogReader reader = new LogReader(new SegmentFiles(saved(log, 0)), 4 << 20)) {
            WindowApplier applier = new WindowApplier(reader, freshVolumes(0));
            for (RandomLog.Request request : log.requests) {
                Trail applied = applier.apply(Trail.EMPTY, request.end());
                assertThat(applied.position()).isEqualTo(request.end());
            }
            assertThat(applier.apply(Trail.EMPTY, log.log.end()).chain())
                    .isEqualTo(log.log.chain());
        }
    }

    @Test
    void nothingBehindADamagedEntryIsApplied() {
        for (int round = 0; round < 10; round++) {
            RandomLog log = new RandomLog(random, 100);
            RandomLog.Request victim = log.requests.get(random.nextInt(log.requests.size()));
            log.log.bytes()[(int) victim.start() + 40 + random.nextInt(30)] ^=
                    (byte) (1 << random.nextInt(8));
            try (LogReader reader =
                    new LogReader(new SegmentFiles(saved(log, round)), SMALL_WINDOW)) {
                WindowApplier applier = new WindowApplier(reader, freshVolumes(round));
                Trail[] applied = {Trail.EMPTY};
                assertThatThrownBy(
                                () -> {
                                    while (applied[0].position() < log.log.end()) {
                                        applied[0] = applier.apply(applied[0], log.log.end());
                                    }
                                })
                        .isInstanceOf(JournalException.class)
                        .hasMessageContaining("damaged at position " + victim.start());
                assertThat(applied[0].position()).isLessThanOrEqualTo(victim.start());
                assertThat(RandomLog.same(contents(), log.at(applied[0].position()))).isTrue();
            }
        }
    }

    @Test
    void aRequestThatNoWindowTakesIsDamageAndNotAStandstill() {
        RandomLog log = new RandomLog(random, 0);
        log.log.request(0, 0, new byte[40_000], RandomLog.PIECE, 0);
        try (LogReader reader = new LogReader(new SegmentFiles(saved(log, 0)), 32_000)) {
            WindowApplier applier = new WindowApplier(reader, freshVolumes(0));
            assertThatThrownBy(() -> applier.apply(Trail.EMPTY, log.log.end()))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("no whole request");
        }
    }

    @Test
    void anEntryForAVolumeThatIsNotThereStopsTheApplier() {
        RandomLog log = new RandomLog(random, 0);
        log.log.request(7, 0, new byte[10], RandomLog.PIECE, 0);
        try (LogReader reader = new LogReader(new SegmentFiles(saved(log, 0)), SMALL_WINDOW)) {
            WindowApplier applier = new WindowApplier(reader, freshVolumes(0));
            assertThatThrownBy(() -> applier.apply(Trail.EMPTY, log.log.end()))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("volume 7");
        }
    }
}
