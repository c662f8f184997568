package io.tidemark.journal.replication;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The wish that this primary give its reign up: to a replica, which then opens the next epoch by
 * itself, or to nobody. The epoch's end names the heir and is durable wherever it must be before
 * this node lets go, so the heir has all that was ever answered.
 *
 * <p>Pure; data thread only.
 */
final class Handover {
    /** How long a replica that is to be the heir may take to get in sync. */
    private static final long JOIN_NS = 30_000_000_000L;

    private @Nullable UUID heir;
    private boolean orNobody;
    private long untilNs;

    /** What is to be done next. */
    enum Step {
        NONE,
        /** The epoch ends, for {@link #heir(Reign, UUID)}. */
        END,
        /** The end is where it must be: this node is a replica from now on. */
        LET_GO
    }

    /**
     * Asks for it. The heir need not be in sync yet, but soon once this node serves.
     *
     * @param endAnyway whether the reign, which is for the heir only, ends in any case
     */
    void ask(UUID node, boolean endAnyway) {
        heir = node;
        orNobody = endAnyway;
        untilNs = Long.MAX_VALUE;
    }

    /** It is done, or came to nothing. */
    void forget() {
        heir = null;
    }

    /** Who is to reign next: who was wished for and can, else the node that ends its reign. */
    UUID heir(Reign reign, UUID self) {
        UUID next = heir;
        return next != null && reign.effectiveInSync().contains(next) ? next : self;
    }

    /** Looks what is next; gives up if the heir does not get in sync in time. */
    Step next(Phase phase, Reign reign, UUID self, long nowNs) {
        UUID next = heir;
        if (next == null) {
            return Step.NONE;
        }
        if (phase == Phase.CLOSING) {
            return reign.hasEnded() ? Step.LET_GO : Step.NONE;
        }
        if (phase != Phase.SERVING || reign.inSync().changing()) {
            return Step.NONE;
        }
        if (next.equals(self) || reign.effectiveInSync().contains(next)) {
            return Step.END;
        }
        untilNs = Math.min(untilNs, nowNs + JOIN_NS);
        if (nowNs >= untilNs) {
            heir = orNobody ? self : null;
        }
        return Step.NONE;
    }
}
