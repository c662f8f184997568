package io.tidemark.journal.log;

import io.tidemark.codec.log.EpochStartDecoder;
import io.tidemark.journal.JournalException;
import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Mends one damage with the frames that a peer sends, piece by piece. Nothing is written before it
 * is proven to be this log:
 *
 * <ul>
 *   <li>If a valid entry follows the damage, the peer's entry there is asked for first and must be
 *       the same, bit for bit: it names one append, so both logs are the same before it.
 *   <li>Every piece is a chain of valid frames that continues what lies before, with its chain hash
 *       in each seal and epoch start.
 *   <li>If nothing valid follows, an epoch that starts within must be one that this node remembers
 *       of its log: its own end may have been another. Where it does not remember them all, those
 *       that it cannot have had are rejected.
 * </ul>
 *
 * What is mended is on stable storage when it is {@link Outcome#DONE}; a crash before leaves what
 * was damaged in whatever state, and it is found again.
 *
 * <p>The data thread puts a piece in and looks at the outcome; {@link #take} runs on the applier's
 * thread in between.
 */
public final class RangePatch {
    /** Bytes of a piece at most: holds two large frames whole, and fits a control message. */
    public static final int MAX_PIECE = 126 << 10;

    /** Bytes that may be written before they are synced. */
    private static final long SYNC_BYTES = 8 << 20;

    /** What {@link #take} made of a piece. */
    public enum Outcome {
        /** Good; the next piece is {@link #wanted}. */
        MORE,
        /** Good, and the last one: the damage is mended. */
        DONE,
        /** Not what this log held; {@link #problem} says why, and nothing of it was written. */
        REJECTED
    }

    /**
     * What is remembered of this node's log apart from the log itself.
     *
     * @param resource null if unknown
     * @param highestEpoch highest number ever seen
     * @param opener who opened that one, null if unknown
     * @param history epochs of the log to its end and perhaps beyond, null if not all are known
     */
    public record Remembered(
            @Nullable UUID resource,
            long highestEpoch,
            @Nullable UUID opener,
            @Nullable EpochHistory history) {

        /**
         * Last epoch that starts before a position at which the log was durable, null if unknown.
         */
        public @Nullable EpochIdentity epochAt(long position) {
            return history == null ? null : history.upTo(position).last();
        }

        /** Whether an epoch cannot have been in this node's log. */
        boolean excludes(EpochIdentity epoch) {
            return history != null
                    ? !history.epochs().contains(epoch)
                    : epoch.number() > highestEpoch
                            || (epoch.number() == highestEpoch
                                    && opener != null
                                    && !opener.equals(epoch.node()));
        }
    }

    private final Damage damage;
    private final Remembered remembered;
    private final LogFiles files;
    private final SegmentPatch segments;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(MAX_PIECE);
    private final EntryCursor cursor = new EntryCursor(piece);
    private long mended;
    private long free;
    private long synced;
    private boolean proven;
    private boolean otherEntry;
    private @Nullable TrailReader walk;
    private Outcome outcome = Outcome.MORE;
    private String problem = "";

    public RangePatch(LogFiles files, Damage damage, Remembered remembered) {
        this.files = files;
        this.damage = damage;
        this.remembered = remembered;
        this.segments = new SegmentPatch(files);
        this.mended = damage.from();
        this.synced = damage.from();
        this.proven = !damage.anchored();
    }

    public Damage damage() {
        return damage;
    }

    /** End of what is mended so far. */
    public long mended() {
        return mended;
    }

    /** Where the next piece must begin. */
    public long wanted() {
        return proven ? mended : damage.to();
    }

    /** Bytes of it, at most {@link #MAX_PIECE}. */
    public int wantedBytes() {
        return proven ? (int) Math.min(MAX_PIECE, damage.to() - mended) : MAX_PIECE;
    }

    /**
     * Whether the last piece showed that the peer's log holds another entry where the damage ends:
     * it is of another branch there, not merely shorter or damaged itself.
     */
    public boolean otherEntry() {
        return otherEntry;
    }

    /** The next pieces come from another peer. */
    public void anotherPeer() {
        proven = !damage.anchored();
        walk = null;
    }

    /**
     * Puts the piece in that begins at {@link #wanted}. Whole frames.
     *
     * @param recorded nothing is recorded below this position while the piece is taken
     */
    public void put(DirectBuffer bytes, int offset, int length, long recorded) {
        free = recorded;
        bytes.getBytes(offset, piece.clear(), Math.min(length, MAX_PIECE));
        piece.flip();
    }

    public Outcome outcome() {
        return outcome;
    }

    /** Why {@link Outcome#REJECTED}. */
    public String problem() {
        return problem;
    }

    /**
     * Checks the piece and writes it. Applier's thread.
     *
     * @param reader of this node's log
     * @throws JournalException if it cannot be written
     */
    public void take(LogReader reader) {
        otherEntry = false;
        try {
            if (!proven) {
                outcome = prove(reader);
                return;
            }
            long end = check(reader);
            if (end > mended) {
                segments.write(mended, pieceUpTo(end), free);
                mended = end;
                boolean done = end == damage.to();
                if (done || end - synced >= SYNC_BYTES) {
                    segments.sync(synced, end);
                    synced = end;
                }
                outcome = done ? Outcome.DONE : Outcome.MORE;
            }
        } catch (ContradictionException e) {
            walk = null;
            outcome = reject(String.valueOf(e.getMessage()));
        }
    }

    /** What was received, and zeroes where only the header of padding was. */
    private ByteBuffer pieceUpTo(long end) {
        long length = end - mended;
        if (length > piece.capacity()) {
            throw new ContradictionException("it sent padding that ends at position " + end);
        }
        int received = piece.limit();
        piece.clear().limit((int) length);
        for (int i = received; i < length; i++) {
            piece.put(i, (byte) 0);
        }
        return piece;
    }

    private Outcome reject(String why) {
        problem = why;
        return Outcome.REJECTED;
    }

    private Outcome prove(LogReader reader) {
        cursor.frames(null);
        cursor.wrap(damage.to(), piece.limit());
        if (cursor.next() != EntryCursor.Step.ENTRY || cursor.position() != damage.to()) {
            return reject("its log has no entry at position " + damage.to());
        }
        int length = (int) (cursor.endPosition() - damage.to());
        reader.load(damage.to(), cursor.endPosition());
        // The archive's checksum stands where the session was, so whole frames are comparable.
        if (!piece.slice(0, length).equals(reader.window().slice(0, length))) {
            otherEntry = true;
            return reject("its entry at position " + damage.to() + " is not this log's");
        }
        proven = true;
        return Outcome.MORE;
    }

    /** Walks the piece; returns where the frames end that may be written. */
    private long check(LogReader reader) {
        TrailReader log = walk == null ? upToDamage(reader) : walk;
        walk = log;
        cursor.frames(files.frames());
        cursor.wrap(mended, piece.limit());
        long end = mended;
        EntryCursor.Step step = cursor.next();
        while (step == EntryCursor.Step.ENTRY && cursor.endPosition() <= damage.to()) {
            entry(log);
            end = cursor.endPosition();
            step = cursor.next();
        }
        if (step == EntryCursor.Step.INVALID) {
            throw new ContradictionException(
                    "what it sent is not valid at position "
                            + cursor.position()
                            + ": "
                            + cursor.problem());
        }
        // Behind the last entry there may be padding.
        long next = step == EntryCursor.Step.ENTRY ? cursor.position() : cursor.endPosition();
        if (next > end && next <= damage.to()) {
            end = next;
        }
        if (end == mended || (step == EntryCursor.Step.ENTRY && end != damage.to())) {
            throw new ContradictionException(
                    "its log has no entry that ends at position " + damage.to());
        }
        if (end == damage.to()) {
            checkEnd(log);
        }
        return end;
    }

    private void entry(TrailReader log) {
        try {
            log.entry(cursor);
        } catch (JournalException e) {
            throw new ContradictionException(String.valueOf(e.getMessage()));
        }
        if (cursor.templateId() != EpochStartDecoder.TEMPLATE_ID) {
            return;
        }
        Trail trail = log.trail();
        EpochIdentity epoch = trail.epochs().last();
        boolean otherResource =
                remembered.resource() != null && !remembered.resource().equals(trail.resource());
        if (epoch == null || otherResource) {
            throw new ContradictionException("it holds another resource of this name");
        }
        if (!damage.anchored() && remembered.excludes(epoch)) {
            throw new ContradictionException(
                    "its epoch "
                            + epoch.number()
                            + " at position "
                            + epoch.startPosition()
                            + " was never in this node's log");
        }
    }

    /**
     * The last piece: the log must be of the epoch now that it was of. A branch that leaves within
     * the range begins with an epoch of its own, so this fails only if an epoch is missing.
     */
    private void checkEnd(TrailReader log) {
        EpochIdentity expected = damage.anchored() ? null : remembered.epochAt(damage.to());
        EpochIdentity found = log.trail().epochs().upTo(damage.to()).last();
        if (expected != null && !expected.equals(found)) {
            throw new ContradictionException(
                    "its log is not of epoch " + expected.number() + " at position " + damage.to());
        }
    }

    /** Reads this node's own log up to where it has to be continued. */
    private TrailReader upToDamage(LogReader reader) {
        TrailReader log = new TrailReader(damage.before());
        long position = damage.before().position();
        while (position < mended) {
            EntryCursor own = reader.load(position, mended);
            while (own.next() == EntryCursor.Step.ENTRY) {
                log.entry(own);
            }
            if (own.endPosition() == position) {
                throw new ContradictionException(
                        "this node's log is not valid any more at position " + position);
            }
            position = own.endPosition();
        }
        return log;
    }

    /** What was sent does not continue this log. */
    private static final class ContradictionException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ContradictionException(String message) {
            super(message, null, false, false);
        }
    }
}
