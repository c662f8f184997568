package io.tidemark.journal.log;

import io.tidemark.journal.JournalException;
import java.io.Serial;

/** A stretch of the log that was durable is no longer valid; {@link #damage} says which. */
public final class DamagedLogException extends JournalException {
    @Serial private static final long serialVersionUID = 1L;

    private final transient Damage damage;

    public DamagedLogException(Damage damage) {
        super(
                Code.DAMAGED,
                "the log is damaged at position "
                        + damage.from()
                        + " ("
                        + damage.problem()
                        + "), below what was durable ("
                        + damage.to()
                        + "): nothing was cut. Restore the journal from a peer");
        this.damage = damage;
    }

    public Damage damage() {
        return damage;
    }
}
