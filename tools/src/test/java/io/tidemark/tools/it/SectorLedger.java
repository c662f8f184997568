package io.tidemark.tools.it;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one writer knows about its sectors: the request that each shows, and the one request, if
 * any, whose reply has not come. Outlives connections. Belongs to the writer's thread while that
 * runs.
 */
final class SectorLedger {
    /**
     * A request in flight.
     *
     * @param shows what its sectors show after it: its number, or 0 if it writes zeroes
     */
    private record Request(int first, int count, long shows) {
        boolean covers(int sector) {
            return sector >= first && sector < first + count;
        }
    }

    private final int writer;
    private final long firstSector;
    private final long[] shown;
    private @Nullable Request open;
    private long acknowledged;

    /**
     * @param firstSector number in the volume of the first of the writer's sectors
     */
    SectorLedger(int writer, long firstSector, int sectors) {
        this.writer = writer;
        this.firstSector = firstSector;
        this.shown = new long[sectors];
    }

    int writer() {
        return writer;
    }

    int sectors() {
        return shown.length;
    }

    /** Number in the volume of one of the writer's sectors. */
    long number(int sector) {
        return firstSector + sector;
    }

    long acknowledged() {
        return acknowledged;
    }

    void sent(int first, int count, long shows) {
        assert open == null : "one request at a time";
        open = new Request(first, count, shows);
    }

    void answered() {
        settle(true);
        acknowledged++;
    }

    private void settle(boolean done) {
        Request request = open;
        if (request != null && done) {
            Arrays.fill(shown, request.first(), request.first() + request.count(), request.shows());
        }
        open = null;
    }

    /**
     * Compares with the writer's sectors as they were read. A request without reply must be there
     * whole or not at all, and from now on it is what it turned out to be.
     *
     * @return what is wrong, empty if nothing
     */
    List<String> verify(ByteBuffer read, TestSector test) {
        List<String> wrong = new ArrayList<>();
        Request request = open;
        int done = 0;
        int undone = 0;
        for (int sector = 0; sector < shown.length; sector++) {
            long found = test.take(read, writer, number(sector));
            long unanswered =
                    request != null && request.covers(sector) ? request.shows() : shown[sector];
            if (unanswered != shown[sector]) {
                done += found == unanswered ? 1 : 0;
                undone += found == shown[sector] ? 1 : 0;
            }
            if (found != shown[sector] && found != unanswered) {
                wrong.add(
                        "writer %d, sector %d: request %d was acknowledged last, %s is there"
                                .formatted(
                                        writer,
                                        number(sector),
                                        shown[sector],
                                        found == TestSector.FOREIGN
                                                ? "no whole sector"
                                                : "request " + found));
            }
        }
        if (done > 0 && undone > 0) {
            wrong.add(
                    "writer %d: %s is there in part, %d sectors of %d"
                            .formatted(writer, request, done, done + undone));
        }
        settle(done > 0);
        return wrong;
    }
}
