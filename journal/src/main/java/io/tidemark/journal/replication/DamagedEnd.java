package io.tidemark.journal.replication;

import io.tidemark.journal.JournalException;
import io.tidemark.journal.apply.Superblock;
import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import io.tidemark.journal.log.Damage;
import io.tidemark.journal.log.LogScan;
import org.jspecify.annotations.Nullable;

/**
 * The end of a log from a damage on that recovery has found: what giving it up would mean, and when
 * that is no loss. A pure function of what is known.
 *
 * @param damage where the log stops to be valid
 * @param end of the log, damaged or not
 * @param superblock of this node
 */
public record DamagedEnd(Damage damage, long end, Superblock superblock) {
    /** Where the log would end: with the last whole request before the damage. */
    public long from() {
        return damage.before().position();
    }

    /** Bytes of log that would be given up. */
    public long bytes() {
        return end - from();
    }

    /**
     * Whether the log may end there: not if the partitions may hold some of what lies beyond, since
     * they would be of no single moment then, and no log could say in what they differ from others
     * (an inconsistent node is never promoted, not even by force).
     */
    public boolean mayGiveUp() {
        return superblock.applyLimit() <= from();
    }

    /**
     * Whether a primary of a later epoch goes on without what lies beyond the damage, so that this
     * node would have to cut it off to follow, were it whole.
     *
     * @param otherEntry its log was found to hold another entry where the damage ends
     */
    boolean supersededBy(Hello hello, boolean otherEntry) {
        EpochIdentity reign = hello.epochs().last();
        if (hello.role() != Role.PRIMARY || reign == null || !mayGiveUp()) {
            return false;
        }
        EpochHistory remembered = superblock.history();
        boolean later =
                reign.number() > superblock.highestEpoch()
                        || (remembered != null && reign.equals(remembered.last()));
        // Its log grows, so that its end as of the Hello says nothing.
        long common = damage.before().epochs().common(from(), hello.epochs(), Long.MAX_VALUE);
        if (!later || common < superblock.applyLimit()) {
            return false;
        }
        return common < from() || otherEntry || isOfAnotherEpochAtItsEnd(remembered, hello);
    }

    private boolean isOfAnotherEpochAtItsEnd(@Nullable EpochHistory remembered, Hello hello) {
        EpochIdentity own =
                damage.anchored() || remembered == null
                        ? null
                        : remembered.upTo(damage.to()).last();
        return own != null && !own.equals(hello.epochs().upTo(damage.to()).last());
    }

    /** Why recovery does not cut a log that ends, validly, below what it has been. */
    static JournalException refused(String resource, LogScan scan, Superblock superblock) {
        return new JournalException(
                JournalException.Code.DAMAGED,
                ("the log of %s ends at position %d (%s), but it was durable up to %d and the"
                                + " partition may hold what lies below %d: nothing was cut."
                                + " Restore the journal from a peer")
                        .formatted(
                                resource,
                                scan.validEnd(),
                                scan.torn(),
                                superblock.durable(),
                                superblock.applyLimit()));
    }
}
