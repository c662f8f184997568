package io.tidemark.tools.crash;

import java.util.Comparator;
import java.util.List;

/** Which requests must be found after a crash, by what the clients were told before it. */
enum MustSurvive {
    /** What was answered and covered by an answered FLUSH, or was answered with FUA. */
    FLUSHED,
    /** Whatever was answered: a node that holds it has not lost its cache. */
    ANSWERED;

    /** Those of the history that must be there after a crash right after a clock. */
    List<Request> of(History history, long crash) {
        List<Request> sent = history.until(crash);
        long covered =
                sent.stream()
                        .filter(r -> !r.mutates() && r.answered() <= crash)
                        .max(Comparator.comparingLong(Request::sent))
                        .map(Request::sent)
                        .orElse(0L);
        return sent.stream()
                .filter(Request::mutates)
                .filter(
                        r ->
                                this == ANSWERED
                                        ? r.answered() <= crash
                                        : r.answered() < covered
                                                || (r.fua() && r.answered() <= crash))
                .toList();
    }
}
