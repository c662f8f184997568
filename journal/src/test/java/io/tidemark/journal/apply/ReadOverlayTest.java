package io.tidemark.journal.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReadOverlayTest {
    private static final int VOLUME_BYTES = 4096;
    private static final int LOG_BYTES = 1 << 20;
    private static final int HEADER_BYTES = 32;

    /**
     * A log, the partition that follows it at a distance, the overlay between them, and what a
     * client should read.
     */
    private static final class Simulation implements ExtentVisitor {
        record Entry(long position, int offset, int length, long payload) {}

        final byte[] log = new byte[LOG_BYTES];
        final byte[] partition = new byte[VOLUME_BYTES];
        final byte[] model = new byte[VOLUME_BYTES];
        final Deque<Entry> unapplied = new ArrayDeque<>();
        final ReadOverlay overlay;
        final byte[] read = new byte[VOLUME_BYTES];
        long appended;

        Simulation(int maxEntries) {
            overlay = new ReadOverlay(maxEntries);
        }

        boolean write(SplittableRandom random) {
            int offset = random.nextInt(VOLUME_BYTES);
            int length = 1 + random.nextInt(Math.min(VOLUME_BYTES - offset, 600));
            boolean zeroes = random.nextInt(5) == 0;
            long payload = zeroes ? ReadOverlay.ZEROES : appended + HEADER_BYTES;
            if (!overlay.add(appended, offset, length, payload)) {
                return false;
            }
            byte[] bytes = new byte[length];
            if (!zeroes) {
                random.nextBytes(bytes);
                System.arraycopy(bytes, 0, log, (int) payload, length);
            }
            System.arraycopy(bytes, 0, model, offset, length);
            unapplied.add(new Entry(appended, offset, length, payload));
            appended += HEADER_BYTES + (zeroes ? 0 : length);
            return true;
        }

        /** Blocks reach the partition before the overlay lets go of them. */
        void apply(int entries) {
            for (int i = 0; i < entries && !unapplied.isEmpty(); i++) {
                Entry entry = unapplied.remove();
                if (entry.payload() == ReadOverlay.ZEROES) {
                    Arrays.fill(
                            partition, entry.offset(), entry.offset() + entry.length(), (byte) 0);
                } else {
                    System.arraycopy(
                            log, (int) entry.payload(), partition, entry.offset(), entry.length());
                }
            }
        }

        void tellOverlay() {
            Entry next = unapplied.peek();
            overlay.appliedTo(next == null ? appended : next.position());
        }

        void checkRead(int offset, int length) {
            overlay.resolve(offset, length, this);
            assertThat(Arrays.copyOfRange(read, offset, offset + length))
                    .isEqualTo(Arrays.copyOfRange(model, offset, offset + length));
        }

        @Override
        public void extent(long start, long end, long value, long tag) {
            assertThat(tag).isBetween(0L, appended);
            if (value == ReadOverlay.ZEROES) {
                Arrays.fill(read, (int) start, (int) end, (byte) 0);
            } else {
                System.arraycopy(log, (int) value, read, (int) start, (int) (end - start));
            }
        }

        @Override
        public void gap(long start, long end) {
            System.arraycopy(partition, (int) start, read, (int) start, (int) (end - start));
        }
    }

    @Test
    void overlayAndPartitionAlwaysReadAsTheModel() {
        SplittableRandom random = Seed.random(ReadOverlayTest.class);
        for (int round = 0; round < 100; round++) {
            Simulation simulation = new Simulation(1 + random.nextInt(200));
            while (simulation.appended < LOG_BYTES / 4) {
                if (!simulation.write(random) || random.nextInt(4) == 0) {
                    simulation.apply(1 + random.nextInt(50));
                    if (random.nextBoolean()) {
                        simulation.tellOverlay();
                    }
                }
                if (random.nextInt(10) == 0) {
                    int offset = random.nextInt(VOLUME_BYTES);
                    simulation.checkRead(offset, 1 + random.nextInt(VOLUME_BYTES - offset));
                }
            }
            simulation.checkRead(0, VOLUME_BYTES);
            simulation.apply(Integer.MAX_VALUE);
            simulation.tellOverlay();
            assertThat(simulation.overlay.unappliedExtents()).isZero();
            assertThat(simulation.overlay.unappliedEntries()).isZero();
            assertThat(simulation.partition).isEqualTo(simulation.model);
        }
    }

    @Test
    void theBoundIsOnEntriesHoweverTheyAreCut() {
        ReadOverlay overlay = new ReadOverlay(100);
        overlay.add(0, 0, 1_000, 0);
        for (int i = 1; i < 100; i++) {
            assertThat(overlay.room()).isEqualTo(100 - i);
            assertThat(overlay.add(i, i * 10L, 1, i)).isTrue();
        }
        assertThat(overlay.unappliedExtents()).isEqualTo(199);
        assertThat(overlay.hasRoom()).isFalse();
        assertThat(overlay.add(100, 0, 1, 0)).isFalse();
        overlay.appliedTo(1);
        assertThat(overlay.hasRoom()).isTrue();
        assertThat(overlay.unappliedExtents()).isEqualTo(99);
    }

    @Test
    void anEntryStaysUntilThePositionBehindItIsApplied() {
        ReadOverlay overlay = new ReadOverlay(4);
        overlay.add(64, 0, 10, 96);
        overlay.appliedTo(64);
        assertThat(overlay.unappliedExtents()).isEqualTo(1);
        overlay.appliedTo(65);
        assertThat(overlay.unappliedExtents()).isZero();
    }

    @Test
    void theRingGrowsWhileItWraps() {
        ReadOverlay overlay = new ReadOverlay(10_000);
        long position = 0;
        for (int i = 0; i < 700; i++) {
            overlay.add(position++, i, 1, i);
        }
        overlay.appliedTo(700);
        for (int i = 0; i < 10_000; i++) {
            assertThat(overlay.add(position++, i, 1, i)).isTrue();
        }
        for (int i = 0; i < 10_000; i++) {
            overlay.appliedTo(700 + i + 1);
            assertThat(overlay.unappliedExtents()).isEqualTo(9_999 - i);
        }
    }

    @Test
    void clearingStartsOver() {
        ReadOverlay overlay = new ReadOverlay(4);
        overlay.add(64, 0, 10, 96);
        overlay.clear();
        assertThat(overlay.unappliedExtents()).isZero();
        assertThat(overlay.add(0, 0, 10, 32)).isTrue();
    }
}
