package io.tidemark.tools.crash;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judges the content of a volume by its sectors alone, without the log: each is zero or was written
 * by some request, and none is older than a request that must be there.
 */
final class VolumeCheck {
    private final History history;
    private final List<Request> sent;

    /** By sector: the requests that changed it, or may have. */
    private final List<List<Request>> changes = new ArrayList<>();

    /**
     * @param crash clock after which nothing happened
     */
    VolumeCheck(History history, long crash, long volumeBytes) {
        this.history = history;
        this.sent = history.until(crash).stream().filter(Request::mutates).toList();
        for (long i = 0; i < volumeBytes / Stamp.BYTES; i++) {
            changes.add(new ArrayList<>());
        }
        for (Request request : sent) {
            long first = request.offset() / Stamp.BYTES;
            for (long i = 0; i < request.length() / Stamp.BYTES; i++) {
                changes.get((int) (first + i)).add(request);
            }
        }
    }

    /** Every sector is some value that was written to it. */
    VolumeCheck written(byte[] volume) {
        for (int sector = 0; sector < changes.size(); sector++) {
            if (!Stamp.isZero(volume, sector * Stamp.BYTES)) {
                writerOf(volume, sector);
            }
        }
        return this;
    }

    /** No sector holds what a required request had already overwritten for sure. */
    void holds(byte[] volume, List<Request> required) {
        for (Request request : required) {
            long first = request.offset() / Stamp.BYTES;
            for (long i = 0; i < request.length() / Stamp.BYTES; i++) {
                check(volume, (int) (first + i), request);
            }
        }
    }

    private void check(byte[] volume, int sector, Request required) {
        if (!Stamp.isZero(volume, sector * Stamp.BYTES)) {
            Request found = writerOf(volume, sector);
            if (found.answered() < required.sent()) {
                throw stale(sector, required, found.toString());
            }
        } else if (required.kind() == Request.Kind.WRITE
                && changes.get(sector).stream()
                        .noneMatch(
                                zero ->
                                        zero.kind() != Request.Kind.WRITE
                                                && zero.answered() > required.sent())) {
            throw stale(sector, required, "zeroes");
        }
    }

    private static OracleFailure stale(int sector, Request required, String found) {
        return new OracleFailure(
                "sector %d holds %s, which is older than %s".formatted(sector, found, required));
    }

    private Request writerOf(byte[] volume, int sector) {
        @Nullable Stamp stamp = Stamp.read(volume, sector * Stamp.BYTES);
        if (stamp == null || stamp.sector() != sector) {
            throw new OracleFailure("sector %d holds nothing that was written".formatted(sector));
        }
        List<Request> connection = history.ofConnection(stamp.writer());
        if (stamp.request() >= connection.size()
                || !changes.get(sector).contains(connection.get(stamp.request()))) {
            throw new OracleFailure("sector %d holds %s, not sent yet".formatted(sector, stamp));
        }
        return connection.get(stamp.request());
    }
}
