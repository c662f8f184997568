package io.tidemark.journal.epoch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The epochs of one log, oldest first, as Kafka keeps leader epochs and PostgreSQL its timelines:
 * enough to say up to which position two logs are the same without comparing them.
 *
 * @param epochs strictly increasing in number and start position
 */
public record EpochHistory(List<EpochIdentity> epochs) {
    /**
     * Epochs that are remembered. Two logs that have no remembered epoch in common count as having
     * nothing in common.
     */
    public static final int MAX_EPOCHS = 256;

    public static final EpochHistory EMPTY = new EpochHistory(List.of());

    public EpochHistory {
        epochs = List.copyOf(epochs);
        for (int i = 1; i < epochs.size(); i++) {
            EpochIdentity before = epochs.get(i - 1);
            EpochIdentity after = epochs.get(i);
            if (after.number() <= before.number()
                    || after.startPosition() <= before.startPosition()) {
                throw new IllegalArgumentException("epochs out of order: " + before + ", " + after);
            }
        }
    }

    public boolean isEmpty() {
        return epochs.isEmpty();
    }

    public @Nullable EpochIdentity last() {
        return epochs.isEmpty() ? null : epochs.getLast();
    }

    /** Number of the last epoch, 0 if there is none. */
    public long lastNumber() {
        return epochs.isEmpty() ? 0 : epochs.getLast().number();
    }

    /**
     * This history and a further epoch. An epoch that it ends with already is not added again; the
     * oldest are forgotten beyond {@link #MAX_EPOCHS}.
     */
    public EpochHistory with(EpochIdentity epoch) {
        if (epoch.equals(last())) {
            return this;
        }
        List<EpochIdentity> longer = new ArrayList<>(epochs);
        longer.add(epoch);
        return new EpochHistory(
                longer.subList(Math.max(0, longer.size() - MAX_EPOCHS), longer.size()));
    }

    /**
     * What remains of this history in a log that ends at {@code logEnd}: epochs that begin before
     * it.
     */
    public EpochHistory upTo(long logEnd) {
        return new EpochHistory(epochs.stream().filter(e -> e.startPosition() < logEnd).toList());
    }

    /** Epochs that start at or beyond a position. */
    public List<EpochIdentity> from(long position) {
        return epochs.stream().filter(e -> e.startPosition() >= position).toList();
    }

    /**
     * This history and what of others comes after it; those that do not are left out.
     *
     * @param later in order
     */
    public EpochHistory and(List<EpochIdentity> later) {
        EpochHistory longer = this;
        for (EpochIdentity epoch : later) {
            EpochIdentity last = longer.last();
            if (last == null
                    || (epoch.number() > last.number()
                            && epoch.startPosition() > last.startPosition())) {
                longer = longer.with(epoch);
            }
        }
        return longer;
    }

    /**
     * The common position of two logs: the highest one up to which both hold the same entries.
     * Within an epoch only its primary appends, so two logs agree as far as both reach in the last
     * epoch that both know.
     *
     * @param end end of the log with this history
     * @param other history of the other log
     * @param otherEnd its end
     */
    public long common(long end, EpochHistory other, long otherEnd) {
        for (int mine = epochs.size() - 1; mine >= 0; mine--) {
            int theirs = other.epochs.lastIndexOf(epochs.get(mine));
            if (theirs >= 0) {
                return Math.min(endOf(mine, end), other.endOf(theirs, otherEnd));
            }
        }
        return 0;
    }

    private long endOf(int index, long logEnd) {
        return index + 1 < epochs.size()
                ? Math.min(epochs.get(index + 1).startPosition(), logEnd)
                : logEnd;
    }
}
