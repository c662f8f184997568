package io.tidemark.tools.crash;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges the order of a log that survived: each connection's requests are a beginning of what it
 * sent, whole and byte for byte; a request that was answered before another was sent comes before
 * it, so what is missing is an end and never a hole; and what must be there is.
 */
final class OrderCheck {
    private final History history;
    private final long crash;

    /** Place of each request in the log, from 0. */
    private final IdentityHashMap<Request, Integer> places = new IdentityHashMap<>();

    private final Map<List<Long>, Integer> writers = new HashMap<>();
    private final Map<Integer, Integer> nextNumbers = new HashMap<>();

    /**
     * @param crash clock after which nothing happened
     */
    OrderCheck(History history, long crash) {
        this.history = history;
        this.crash = crash;
    }

    OrderCheck log(List<LoggedRequest> log) {
        for (LoggedRequest logged : log) {
            places.put(match(logged), places.size());
        }
        return this;
    }

    /** What was answered before something in the log was sent is in the log, in front of it. */
    OrderCheck noHoles() {
        List<Request> sent =
                new ArrayList<>(history.until(crash).stream().filter(Request::mutates).toList());
        sent.sort(Comparator.comparingLong(Request::sent));
        List<Request> byAnswer = new ArrayList<>(sent);
        byAnswer.sort(Comparator.comparingLong(Request::answered));
        int next = 0;
        @Nullable Request last = null;
        for (Request request : sent) {
            while (next < byAnswer.size() && byAnswer.get(next).answered() < request.sent()) {
                Request earlier = byAnswer.get(next++);
                if (last == null || place(earlier) > place(last)) {
                    last = earlier;
                }
            }
            if (last != null && place(request) < place(last)) {
                throw new OracleFailure(
                        "the log holds %s at place %s, but %s, which was answered before, %s"
                                .formatted(
                                        request,
                                        place(request),
                                        last,
                                        places.containsKey(last) ? "later" : "not at all"));
            }
        }
        return this;
    }

    OrderCheck holds(List<Request> required) {
        for (Request request : required) {
            if (!places.containsKey(request)) {
                throw new OracleFailure("lost although it was promised: " + request);
            }
        }
        return this;
    }

    private int place(Request request) {
        return places.getOrDefault(request, Integer.MAX_VALUE);
    }

    private Request match(LoggedRequest logged) {
        int writer = writerOf(logged);
        List<Request> mutating =
                history.ofConnection(writer).stream().filter(Request::mutates).toList();
        int index = nextNumbers.merge(writer, 1, Integer::sum) - 1;
        if (index >= mutating.size() || mutating.get(index).sent() > crash) {
            throw new OracleFailure(
                    "the log holds a request at position %d that connection %d did not send"
                            .formatted(logged.position(), writer));
        }
        Request request = mutating.get(index);
        if (request.kind() != logged.kind()
                || request.offset() != logged.offset()
                || request.length() != logged.length()) {
            throw new OracleFailure(
                    "the log holds %s at position %d, offset %d, %d bytes, in place of %s"
                            .formatted(
                                    logged.kind(),
                                    logged.position(),
                                    logged.offset(),
                                    logged.length(),
                                    request));
        }
        for (int at = 0; at < logged.payload().length; at += Stamp.BYTES) {
            Stamp expected =
                    new Stamp(writer, request.number(), (request.offset() + at) / Stamp.BYTES);
            if (!expected.equals(Stamp.read(logged.payload(), at))) {
                throw new OracleFailure(
                        "the payload at position %d, byte %d, is not that of %s"
                                .formatted(logged.position(), at, request));
            }
        }
        return request;
    }

    /** A connection's first entry is a write, whose sectors name the connection. */
    private int writerOf(LoggedRequest logged) {
        List<Long> key = List.of(logged.epoch(), logged.client());
        Integer known = writers.get(key);
        if (known != null) {
            return known;
        }
        Stamp stamp = logged.payload().length == 0 ? null : Stamp.read(logged.payload(), 0);
        if (stamp == null) {
            throw new OracleFailure(
                    "the first entry of client %d in epoch %d, at position %d, is no stamped write"
                            .formatted(logged.client(), logged.epoch(), logged.position()));
        }
        writers.put(key, stamp.writer());
        return stamp.writer();
    }
}
