package io.tidemark.tools.node;

import io.tidemark.journal.replication.Phase;
import io.tidemark.journal.replication.ResourceAgent;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Tells how far a resource has come on its way to be ready, when that takes longer than a second: a
 * line per second in the node's log, and the same text in its status. Data thread only.
 */
final class RecoveryProgress {
    private static final long LINE_NS = 1_000_000_000L;
    private static final double MEBIBYTE = 1 << 20;

    private final String resource;
    private final Consumer<String> log;
    private Step step = Step.NONE;
    private long beganNs;
    private long beganAt;
    private long saidNs;
    private String text = "";

    /** What a resource is busy with before it is ready. */
    enum Step {
        NONE(""),
        SCAN("reads its log"),
        APPLY("applies its log");

        private final String verb;

        Step(String verb) {
            this.verb = verb;
        }
    }

    RecoveryProgress(String resource, Consumer<String> log) {
        this.resource = resource;
        this.log = log;
    }

    /** Looks at a resource, once per duty cycle. */
    void look(ResourceAgent agent, long nowNs) {
        Phase phase = agent.state().phase();
        if (phase == Phase.RECOVERING && !agent.mending().recovering()) {
            long from = agent.checkpoint();
            observe(Step.SCAN, Math.max(from, agent.readTo()), agent.recorded(), nowNs);
        } else if (phase == Phase.OPENING) {
            observe(Step.APPLY, agent.applied(), agent.recorded(), nowNs);
        } else if (step != Step.NONE) {
            observe(Step.NONE, 0, 0, nowNs);
        }
    }

    /**
     * Takes a position in.
     *
     * @param at how far it is; may go back when the step begins anew
     * @param to where the step ends
     */
    void observe(Step now, long at, long to, long nowNs) {
        if (now != step || at < beganAt) {
            step = now;
            beganNs = nowNs;
            beganAt = at;
            saidNs = nowNs;
            text = "";
            return;
        }
        if (step == Step.NONE || nowNs - saidNs < LINE_NS) {
            return;
        }
        saidNs = nowNs;
        text = describe(at, Math.max(at, to), nowNs);
        log.accept(resource + " " + text);
    }

    private String describe(long at, long to, long nowNs) {
        double perSecond = (at - beganAt) / ((nowNs - beganNs) / 1e9);
        String left =
                perSecond < 1
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", %.0f MiB/s, about %.0f s left",
                                perSecond / MEBIBYTE,
                                Math.ceil((to - at) / perSecond));
        return "%s: position %d of %d%s".formatted(step.verb, at, to, left);
    }

    /** The last line, empty when there is nothing to say. */
    String text() {
        return text;
    }
}
