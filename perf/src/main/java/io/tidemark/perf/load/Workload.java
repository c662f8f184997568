package io.tidemark.perf.load;

import java.util.List;

/**
 * What a run does.
 *
 * @param name short, for tables and options
 * @param title one line for humans
 * @param reads READ instead of WRITE
 * @param requestBytes length of every request, a multiple of {@link Ledger#BLOCK_BYTES}
 * @param inFlight requests that each connection keeps in flight
 * @param random offsets: random ones, or one after the other
 * @param fua writes carry FUA
 * @param flushEvery a FLUSH follows every so many writes, once they are answered, and the next ones
 *     wait for its reply; then latencies are those of such a group. 0 for none
 * @param timedFlush a FLUSH at the end counts into the time
 */
public record Workload(
        String name,
        String title,
        boolean reads,
        int requestBytes,
        int inFlight,
        boolean random,
        boolean fua,
        int flushEvery,
        boolean timedFlush) {
    private static final int KIB_4 = 4 << 10;
    private static final int MIB = 1 << 20;

    /** The workloads of a comparison. */
    public static final List<Workload> STANDARD =
            List.of(
                    write("W1", "4 KiB random write, 1 in flight", 1, false, 0),
                    write("W2", "4 KiB random write, 32 in flight", 32, false, 0),
                    write("W3", "4 KiB random write + FLUSH, 1 in flight", 1, false, 1),
                    write("W3F", "4 KiB random write with FUA, 1 in flight", 1, true, 0),
                    write("W4", "32 random writes of 4 KiB, then FLUSH", 32, false, 32),
                    new Workload(
                            "W5",
                            "1 MiB sequential write, 4 in flight, with the final FLUSH",
                            false,
                            MIB,
                            4,
                            false,
                            false,
                            0,
                            true),
                    new Workload(
                            "W6",
                            "4 KiB random read, 32 in flight",
                            true,
                            KIB_4,
                            32,
                            true,
                            false,
                            0,
                            false),
                    new Workload(
                            "W7",
                            "1 MiB sequential read, 4 in flight",
                            true,
                            MIB,
                            4,
                            false,
                            false,
                            0,
                            false));

    /** Writes everything once, from the start. */
    public static final Workload FILL =
            new Workload("fill", "1 MiB sequential write", false, MIB, 4, false, false, 0, true);

    public Workload {
        if (requestBytes <= 0 || requestBytes % Ledger.BLOCK_BYTES != 0) {
            throw new IllegalArgumentException("requestBytes " + requestBytes);
        }
        if (inFlight < 1
                || inFlight > 1024
                || flushEvery < 0
                || (reads && (fua || flushEvery > 0))) {
            throw new IllegalArgumentException(
                    "inFlight " + inFlight + ", flushEvery " + flushEvery);
        }
    }

    private static Workload write(
            String name, String title, int inFlight, boolean fua, int flushEvery) {
        return new Workload(name, title, false, KIB_4, inFlight, true, fua, flushEvery, false);
    }

    /** The same with another number in flight. */
    public Workload inFlight(int requests) {
        return new Workload(
                name, title, reads, requestBytes, requests, random, fua, flushEvery, timedFlush);
    }
}
