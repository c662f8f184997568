package io.tidemark.journal.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.log.LogFabric;
import io.tidemark.journal.log.LogFiles;
import io.tidemark.journal.log.Trail;
import io.tidemark.journal.partition.CreateMode;
import io.tidemark.journal.partition.Partition;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The applier, the readers and the data thread at once: the test is the data thread. */
class ReadersTest {
    private static final int READS = 8;

    @TempDir Path directory;
    private final SplittableRandom random = Seed.random(ReadersTest.class);

    /**
     * A read under way: what the volume held when it came in, and how many requests were answered
     * then.
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Pending(
            int volume, int offset, byte[] before, int answered, ByteBuffer target) {}

    @Test
    @Timeout(60)
    void aReadNeverMissesAnAnsweredWrite() {
        RandomLog log = new RandomLog(random, 2_000);
        LogFiles files = log.log.saved(directory, 2 * LogFabric.TERM_LENGTH);
        Thread data = Thread.currentThread();
        Runnable wakeup = () -> LockSupport.unpark(data);
        List<VolumePartition> volumes = new ArrayList<>();
        List<ReadOverlay> overlays = new ArrayList<>();
        for (int i = 0; i < RandomLog.VOLUMES; i++) {
            Path file = directory.resolve("volume-" + i);
            volumes.add(
                    new VolumePartition(
                            i,
                            Partition.open(
                                    file, RandomLog.VOLUME_BYTES, CreateMode.CREATE_IF_MISSING)));
            overlays.add(new ReadOverlay(10_000));
        }
        byte[][] model = new byte[RandomLog.VOLUMES][RandomLog.VOLUME_BYTES];
        int reads = 0;
        try (Applier applier =
                        new Applier("test", files, volumes, Trail.EMPTY, 128 * 1024, wakeup);
                Readers readers = new Readers("test", files, 2, READS, wakeup)) {
            int entry = 0;
            for (int answered = 0; answered < log.requests.size(); answered++) {
                RandomLog.Request request = log.requests.get(answered);
                for (;
                        entry < log.entries.size()
                                && log.entries.get(entry).start() < request.end();
                        entry++) {
                    RandomLog.Entry e = log.entries.get(entry);
                    assertThat(
                                    overlays.get(e.volume())
                                            .add(e.start(), e.offset(), e.length(), e.payload()))
                            .isTrue();
                }
                request.applyTo(model);
                if (applier.idle() && random.nextInt(8) == 0) {
                    applier.apply(request.end());
                }
                if (random.nextBoolean()) {
                    long applied = applier.applied().position();
                    overlays.forEach(o -> o.appliedTo(applied));
                }
                reads += read(readers, volumes, overlays, model, log, answered + 1);
                drain(readers, log, answered + 1, random.nextInt(4) == 0);
            }
            drain(readers, log, log.requests.size(), true);
            while (!applier.idle()) {
                LockSupport.parkNanos(1_000_000);
            }
            applier.apply(log.log.end());
            while (!applier.idle()) {
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(applier.failure()).isNull();
        }
        assertThat(reads).isGreaterThan(500);
        for (VolumePartition volume : volumes) {
            byte[] contents = new byte[RandomLog.VOLUME_BYTES];
            volume.partition().read(0, ByteBuffer.wrap(contents));
            assertThat(contents).isEqualTo(model[volume.volume()]);
            volume.partition().close();
        }
    }

    private int underWay;

    private int read(
            Readers readers,
            List<VolumePartition> volumes,
            List<ReadOverlay> overlays,
            byte[][] model,
            RandomLog log,
            int answered) {
        ReadJob job = readers.take();
        if (job == null) {
            return 0;
        }
        int volume = random.nextInt(RandomLog.VOLUMES);
        int offset = random.nextInt(RandomLog.VOLUME_BYTES);
        int length = 1 + random.nextInt(Math.min(9_000, RandomLog.VOLUME_BYTES - offset));
        byte[] before = java.util.Arrays.copyOfRange(model[volume], offset, offset + length);
        ByteBuffer target = ByteBuffer.allocate(length);
        job.prepare(
                volumes.get(volume),
                overlays.get(volume),
                log.log.end(),
                offset,
                length,
                target,
                new Pending(volume, offset, before, answered, target));
        readers.submit(job);
        underWay++;
        return 1;
    }

    private void drain(Readers readers, RandomLog log, int answered, boolean all) {
        while (underWay > 0) {
            @Nullable ReadJob job = readers.poll();
            if (job == null) {
                if (!all) {
                    return;
                }
                LockSupport.parkNanos(1_000_000);
                continue;
            }
            underWay--;
            assertThat(job.failure()).isNull();
            check((Pending) job.attachment(), log, answered);
            readers.release(job);
        }
    }

    /** Every byte is what was answered before the read came in, or something newer. */
    private static void check(Pending read, RandomLog log, int answered) {
        byte[] found = read.target().array();
        for (int i = 0; i < found.length; i++) {
            if (found[i] != read.before()[i] && !writtenLater(read, i, found[i], log, answered)) {
                throw new AssertionError(
                        "byte "
                                + (read.offset() + i)
                                + " of volume "
                                + read.volume()
                                + " is "
                                + found[i]
                                + ", was "
                                + read.before()[i]
                                + " after request "
                                + read.answered());
            }
        }
    }

    private static boolean writtenLater(
            Pending read, int index, byte value, RandomLog log, int answered) {
        int at = read.offset() + index;
        return log.requests.subList(read.answered(), answered).stream()
                .anyMatch(
                        r ->
                                r.volume() == read.volume()
                                        && r.offset() <= at
                                        && at < r.offset() + r.data().length
                                        && r.data()[at - r.offset()] == value);
    }
}
