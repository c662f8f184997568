package io.tidemark.journal.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.Range;
import com.google.common.collect.RangeMap;
import com.google.common.collect.TreeRangeMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ExtentMapTest {
    /** What the oracle keeps: an address as of offset 0, or a sentinel. */
    record Written(boolean address, long valueAtZero, long tag) {
        long valueAt(long offset) {
            return address ? valueAtZero + offset : valueAtZero;
        }
    }

    record Piece(long start, long end, long value, long tag) {
        static Piece gap(long start, long end) {
            return new Piece(start, end, Long.MIN_VALUE, Long.MIN_VALUE);
        }
    }

    static final class Pieces implements ExtentVisitor {
        final List<Piece> seen = new ArrayList<>();

        @Override
        public void extent(long start, long end, long value, long tag) {
            seen.add(new Piece(start, end, value, tag));
        }

        @Override
        public void gap(long start, long end) {
            seen.add(Piece.gap(start, end));
        }
    }

    private static List<Piece> extents(ExtentMap map) {
        List<Piece> all = new ArrayList<>();
        for (long at = map.first(); at != ExtentMap.NONE; at = map.next(at)) {
            all.add(new Piece(map.start(at), map.end(at), map.value(at), map.tag(at)));
        }
        return all;
    }

    private static List<Piece> visited(ExtentMap map, long start, long end) {
        Pieces pieces = new Pieces();
        map.forEach(start, end, pieces);
        return pieces.seen;
    }

    @Test
    void splittingAnAddressAdvancesItByTheBytesSkipped() {
        ExtentMap map = new ExtentMap(16);
        map.put(100, 200, 5_000, 1);
        map.put(130, 140, 9_000, 2);
        assertThat(extents(map))
                .containsExactly(
                        new Piece(100, 130, 5_000, 1),
                        new Piece(130, 140, 9_000, 2),
                        new Piece(140, 200, 5_040, 1));
    }

    @Test
    void splittingASentinelLeavesItAsItIs() {
        ExtentMap map = new ExtentMap(16);
        map.put(100, 200, ExtentMap.ZEROES, 1);
        map.put(130, 140, 0, 2);
        assertThat(extents(map))
                .containsExactly(
                        new Piece(100, 130, ExtentMap.ZEROES, 1),
                        new Piece(130, 140, 0, 2),
                        new Piece(140, 200, ExtentMap.ZEROES, 1));
    }

    @Test
    void visitingClipsExtentsAndShowsGaps() {
        ExtentMap map = new ExtentMap(16);
        map.put(10, 20, 100, 1);
        map.put(30, 40, 300, 2);
        assertThat(visited(map, 15, 45))
                .containsExactly(
                        new Piece(15, 20, 105, 1),
                        Piece.gap(20, 30),
                        new Piece(30, 40, 300, 2),
                        Piece.gap(40, 45));
        assertThat(visited(map, 21, 22)).containsExactly(Piece.gap(21, 22));
        assertThat(visited(map, 33, 34)).containsExactly(new Piece(33, 34, 303, 2));
    }

    @Test
    void removingByTagSparesWhatWasOverwrittenSince() {
        ExtentMap map = new ExtentMap(16);
        map.put(0, 100, 1_000, 1);
        map.put(40, 60, 2_000, 2);
        map.removeTagged(10, 90, 1);
        assertThat(extents(map))
                .containsExactly(
                        new Piece(0, 10, 1_000, 1),
                        new Piece(40, 60, 2_000, 2),
                        new Piece(90, 100, 1_090, 1));
        map.removeTagged(45, 50, 2);
        assertThat(visited(map, 40, 60))
                .containsExactly(
                        new Piece(40, 45, 2_000, 2),
                        Piece.gap(45, 50),
                        new Piece(50, 60, 2_010, 2));
    }

    @Test
    void putIsRefusedBeforeTheLimitCouldBeCrossed() {
        ExtentMap map = new ExtentMap(4);
        assertThat(map.put(0, 10, 0, 1)).isTrue();
        assertThat(map.put(20, 30, 0, 2)).isTrue();
        assertThat(map.put(40, 50, 0, 3)).isTrue();
        assertThat(map.hasRoom()).isFalse();
        assertThat(map.put(60, 70, 0, 4)).isFalse();
        assertThat(map.size()).isEqualTo(3);
        map.removeTagged(0, 10, 1);
        assertThat(map.put(60, 70, 0, 4)).isTrue();
    }

    @Test
    void emptyAndNegativeRangesAreBugs() {
        ExtentMap map = new ExtentMap(4);
        assertThatThrownBy(() -> map.put(5, 5, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> map.put(-1, 5, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void clearForgetsEverything() {
        ExtentMap map = new ExtentMap(10_000);
        for (long i = 0; i < 1_000; i++) {
            map.put(i * 10, i * 10 + 5, i, i);
        }
        map.clear();
        assertThat(map.size()).isZero();
        assertThat(map.first()).isEqualTo(ExtentMap.NONE);
        assertThat(visited(map, 0, 10_000)).containsExactly(Piece.gap(0, 10_000));
    }

    @Test
    void agreesWithARangeMapOnFewBytesManyTimes() {
        SplittableRandom random = Seed.random(ExtentMapTest.class);
        for (int round = 0; round < 300; round++) {
            compare(random.split(), 1 + random.nextInt(300), 60, 400);
        }
    }

    @Test
    void agreesWithARangeMapOnManyLeaves() {
        SplittableRandom random = Seed.random(ExtentMapTest.class);
        for (int round = 0; round < 4; round++) {
            compare(random.split(), 1_000_000, 1 + random.nextInt(2_000), 20_000);
        }
    }

    @Test
    void agreesWithARangeMapWhenLargeRangesWipeOutManyLeaves() {
        SplittableRandom random = Seed.random(ExtentMapTest.class);
        ExtentMap map = new ExtentMap(1 << 20);
        RangeMap<Long, Written> oracle = TreeRangeMap.create();
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 2_000; i++) {
                put(map, oracle, random.nextInt(1_000_000), 1L + random.nextInt(100), i, i);
            }
            int start = random.nextInt(1_000_000);
            put(map, oracle, start, random.nextLong(1, 1_000_001 - start), -7, round);
            check(map, oracle);
        }
    }

    private static void compare(SplittableRandom random, int bytes, int longest, int steps) {
        ExtentMap map = new ExtentMap(1 << 20);
        RangeMap<Long, Written> oracle = TreeRangeMap.create();
        int tags = 1 + random.nextInt(50);
        int removals = random.nextInt(60);
        for (int step = 0; step < steps; step++) {
            long start = random.nextInt(bytes);
            long length = random.nextLong(1, longest + 1L);
            long tag = random.nextInt(tags);
            if (random.nextInt(100) < removals) {
                map.removeTagged(start, start + length, tag);
                removeTagged(oracle, start, start + length, tag);
            } else {
                long value =
                        random.nextInt(4) == 0 ? ~random.nextInt(3) : random.nextLong(1L << 40);
                put(map, oracle, start, length, value, tag);
            }
            if (random.nextInt(20) == 0) {
                long from = random.nextInt(bytes);
                long to = from + random.nextLong(1, 2L * longest + 1);
                assertThat(visited(map, from, to)).isEqualTo(visited(oracle, from, to));
            }
        }
        check(map, oracle);
    }

    private static void put(
            ExtentMap map,
            RangeMap<Long, Written> oracle,
            long start,
            long length,
            long value,
            long tag) {
        assertThat(map.put(start, start + length, value, tag)).isTrue();
        oracle.put(
                Range.closedOpen(start, start + length),
                new Written(value >= 0, value >= 0 ? value - start : value, tag));
    }

    private static void removeTagged(
            RangeMap<Long, Written> oracle, long start, long end, long tag) {
        List<Range<Long>> removed = new ArrayList<>();
        oracle.subRangeMap(Range.closedOpen(start, end))
                .asMapOfRanges()
                .forEach(
                        (range, written) -> {
                            if (written.tag() == tag) {
                                removed.add(range);
                            }
                        });
        removed.forEach(oracle::remove);
    }

    private static void check(ExtentMap map, RangeMap<Long, Written> oracle) {
        List<Piece> expected = new ArrayList<>();
        oracle.asMapOfRanges().forEach((range, written) -> expected.add(piece(range, written)));
        assertThat(extents(map)).isEqualTo(expected);
        assertThat(map.size()).isEqualTo(expected.size());
    }

    private static List<Piece> visited(RangeMap<Long, Written> oracle, long start, long end) {
        List<Piece> pieces = new ArrayList<>();
        long shown = start;
        for (Map.Entry<Range<Long>, Written> entry :
                oracle.subRangeMap(Range.closedOpen(start, end)).asMapOfRanges().entrySet()) {
            Piece piece = piece(entry.getKey(), entry.getValue());
            if (shown < piece.start()) {
                pieces.add(Piece.gap(shown, piece.start()));
            }
            pieces.add(piece);
            shown = piece.end();
        }
        if (shown < end) {
            pieces.add(Piece.gap(shown, end));
        }
        return pieces;
    }

    private static Piece piece(Range<Long> range, Written written) {
        long start = range.lowerEndpoint();
        return new Piece(start, range.upperEndpoint(), written.valueAt(start), written.tag());
    }
}
