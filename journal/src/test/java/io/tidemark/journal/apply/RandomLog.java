package io.tidemark.journal.apply;

import io.tidemark.journal.log.EntryContext;
import io.tidemark.journal.log.LogFabric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** A log of random requests, and what volumes hold after any of them. */
final class RandomLog {
    static final int VOLUMES = 3;
    static final int VOLUME_BYTES = 48 * 1024;
    static final int PIECE = 4_096;

    /** A whole request. No data: zeroes. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Request(long start, long end, int volume, int offset, byte[] data) {
        void applyTo(byte[][] volumes) {
            System.arraycopy(data, 0, volumes[volume], offset, data.length);
        }
    }

    /**
     * An entry as the overlay is told of it; {@code payload} is {@link ReadOverlay#ZEROES} for
     * zeroes.
     */
    record Entry(long start, int volume, int offset, int length, long payload) {}

    final LogFabric log = new LogFabric();
    final List<Request> requests = new ArrayList<>();
    final List<Entry> entries = new ArrayList<>();
    private final SplittableRandom random;

    RandomLog(SplittableRandom random, int count) {
        this.random = random;
        for (int i = 0; i < count; i++) {
            request();
        }
    }

    private void request() {
        int volume = random.nextInt(VOLUMES);
        int offset = random.nextInt(VOLUME_BYTES);
        int most = random.nextInt(4) == 0 ? 5 * PIECE : 600;
        int length = 1 + random.nextInt(Math.min(most, VOLUME_BYTES - offset));
        if (random.nextBoolean()) {
            offset &= ~511;
        }
        switch (random.nextInt(10)) {
            case 0, 1 -> zero(volume, offset, length);
            case 2 -> log.flush(new EntryContext().ofNode(0));
            case 3 -> abandoned(volume, offset);
            default -> write(volume, offset, length);
        }
    }

    private void write(int volume, int offset, int length) {
        byte[] data = new byte[length];
        random.nextBytes(data);
        int first = entries.size();
        for (int part = 0; part * PIECE < length; part++) {
            log.part(volume, offset, data, PIECE, part, 0);
            int partLength = Math.min(PIECE, length - part * PIECE);
            long payload =
                    log.lastStart()
                            + io.tidemark.journal.log.EntryLayout.FRAME_HEADER
                            + io.tidemark.journal.log.EntryLayout.WRITE_OVERHEAD;
            entries.add(
                    new Entry(log.lastStart(), volume, offset + part * PIECE, partLength, payload));
        }
        requests.add(new Request(entries.get(first).start(), log.end(), volume, offset, data));
    }

    private void zero(int volume, int offset, int length) {
        EntryContext context = new EntryContext().ofNode(0);
        context.volume = volume;
        context.noHole = random.nextBoolean();
        log.zero(context, random.nextBoolean(), offset, length);
        entries.add(new Entry(log.lastStart(), volume, offset, length, ReadOverlay.ZEROES));
        requests.add(new Request(log.lastStart(), log.end(), volume, offset, new byte[length]));
    }

    /** A request whose last part is never appended: void as soon as something follows. */
    private void abandoned(int volume, int offset) {
        byte[] data = new byte[Math.min(3 * PIECE, VOLUME_BYTES - offset)];
        random.nextBytes(data);
        for (int part = 0; (part + 1) * PIECE < data.length; part++) {
            log.part(volume, offset, data, PIECE, part, 0);
        }
        log.flush(new EntryContext().ofNode(0));
    }

    /** What all volumes hold when the log is applied up to a position. */
    byte[][] at(long position) {
        byte[][] volumes = new byte[VOLUMES][VOLUME_BYTES];
        for (Request request : requests) {
            if (request.end() > position) {
                break;
            }
            request.applyTo(volumes);
        }
        return volumes;
    }

    /** End of the last whole request at or below a position. */
    long wholeAt(long position) {
        return requests.stream().mapToLong(Request::end).filter(e -> e <= position).max().orElse(0);
    }

    /** The last start of an entry at or below a position, or the end of the log. */
    long frameAt(long position) {
        return position >= log.end()
                ? log.end()
                : entries.stream()
                        .mapToLong(Entry::start)
                        .filter(s -> s <= position)
                        .max()
                        .orElse(0);
    }

    static boolean same(byte[][] one, byte[][] other) {
        return Arrays.deepEquals(one, other);
    }
}
