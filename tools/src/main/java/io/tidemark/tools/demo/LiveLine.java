package io.tidemark.tools.demo;

import io.tidemark.tools.admin.ResourceStatus;
import io.tidemark.tools.config.Quantities;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The demo's live line: both nodes' positions, lag and rate. Keeps the last sample, from which it
 * computes the rate.
 */
final class LiveLine {
    private static final double NS_PER_SECOND = 1e9;

    private long lastAppended = -1;
    private long lastNs;

    /**
     * The line for one sample.
     *
     * @param alpha null if the node does not answer
     * @param beta null if the node does not answer
     * @param nowNs of any clock that never goes back, in nanoseconds
     */
    String next(
            final @Nullable ResourceStatus alpha,
            final @Nullable ResourceStatus beta,
            final long nowNs) {
        final @Nullable ResourceStatus primary =
                isPrimary(beta) && !isPrimary(alpha) ? beta : alpha;
        return "alpha %s | beta %s | %s"
                .formatted(node(alpha), node(beta), progress(primary, nowNs));
    }

    private static boolean isPrimary(final @Nullable ResourceStatus status) {
        return status != null && status.role().equals("primary");
    }

    private static String node(final @Nullable ResourceStatus status) {
        if (status == null) {
            return "does not answer";
        }
        return "%s %s, appended %s, recorded %s, applied %s"
                .formatted(
                        status.role(),
                        status.state(),
                        Quantities.text(status.positions().appended()),
                        Quantities.text(status.positions().recorded()),
                        Quantities.text(status.positions().applied()));
    }

    private String progress(final @Nullable ResourceStatus primary, final long nowNs) {
        if (primary == null) {
            lastAppended = -1;
            return "no primary";
        }
        final String lag =
                primary.peers().isEmpty()
                        ? "no peer"
                        : "lag %s %s s"
                                .formatted(
                                        Quantities.text(primary.peers().getFirst().lagBytes()),
                                        String.format(
                                                Locale.ROOT,
                                                "%.1f",
                                                primary.peers().getFirst().lagSeconds()));
        return lag + ", " + Quantities.text(rate(primary.positions().appended(), nowNs)) + "/s";
    }

    /** Bytes per second since the last sample. */
    private long rate(final long appended, final long nowNs) {
        final double seconds = (nowNs - lastNs) / NS_PER_SECOND;
        final boolean known = lastAppended >= 0 && seconds > 0 && appended >= lastAppended;
        final long rate = known ? Math.round((appended - lastAppended) / seconds) : 0;
        lastAppended = appended;
        lastNs = nowNs;
        return rate;
    }
}
