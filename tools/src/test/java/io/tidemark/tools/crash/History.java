package io.tidemark.tools.crash;

import io.tidemark.tools.disk.DiskClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** All that clients asked and were told in a run, by the clock that also counts what disks did. */
final class History {
    private final DiskClock clock;
    private final AtomicLong answered = new AtomicLong();
    private final List<List<Request>> connections = new ArrayList<>();

    History(DiskClock clock) {
        this.clock = clock;
    }

    DiskClock clock() {
        return clock;
    }

    /** A new connection: its number. Its requests go into {@link #ofConnection}. */
    synchronized int connect() {
        connections.add(new ArrayList<>());
        return connections.size() - 1;
    }

    /** Notes a request that is about to be sent. */
    synchronized Request send(int writer, Request.Kind kind, long offset, int length, boolean fua) {
        List<Request> requests = connections.get(writer);
        Request request =
                new Request(writer, requests.size(), kind, offset, length, fua, clock.tick());
        requests.add(request);
        return request;
    }

    /** Its requests in the order in which they were sent, one after the other's reply. */
    synchronized List<Request> ofConnection(int writer) {
        return writer < connections.size() ? List.copyOf(connections.get(writer)) : List.of();
    }

    /** All requests that were sent at this clock or before. */
    synchronized List<Request> until(long time) {
        return connections.stream()
                .flatMap(List::stream)
                .filter(request -> request.sent() <= time)
                .toList();
    }

    /** A reply has come. */
    void answer(Request request) {
        request.answered(clock.tick());
        answered.incrementAndGet();
    }

    /** Number of requests that were answered. */
    long answered() {
        return answered.get();
    }
}
