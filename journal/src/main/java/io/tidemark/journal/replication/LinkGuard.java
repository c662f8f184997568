package io.tidemark.journal.replication;

import io.tidemark.journal.secret.Handshake;
import io.tidemark.journal.secret.Proof;
import io.tidemark.journal.secret.Seal;
import io.tidemark.journal.secret.SealCheck;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What one peer has to prove before it is listened to, and the keys of the present session. Without
 * a secret it is open to everybody and nothing is put behind a message.
 *
 * <p>Data thread only. The messages of the data path are sealed and checked without allocation.
 */
final class LinkGuard {
    /** A peer that has the secret answers within this time. */
    private static final long PROOF_NS = 1_000_000_000L;

    private static final long YOUNG_NS = 2_000_000_000L;
    private static final long RETRY_NS = 500_000_000L;
    private static final long QUIET_NS = 10_000_000_000L;
    private static final String CONTROL = "tidemark link 1 control";
    private static final String ARCHIVE = "tidemark link 1 archive";

    private final @Nullable Handshake handshake;
    private @Nullable Seal seal;
    private @Nullable SealCheck check;
    private int aeronSession;

    /** Since when the peer has not proven itself; 0 is when the duty clock begins. */
    private long closedNs;

    private long begunNs;
    private long sentNs;
    private boolean sentAny;
    private boolean refused;
    private boolean complained;
    private long complainedNs;
    private long dropped;

    /**
     * @param handshake null without a secret
     */
    LinkGuard(@Nullable Handshake handshake) {
        this.handshake = handshake;
    }

    /** Whether anything but a proof may be sent. */
    boolean open() {
        return handshake == null || handshake.established();
    }

    /** Whether the peer has proven itself, so that it counts as heard even without a Hello. */
    boolean proven() {
        return handshake != null && handshake.established();
    }

    boolean needsProof() {
        return handshake != null;
    }

    /** Whether what an Aeron session sends is checked with this link's key. */
    boolean speaks(int session) {
        return proven() && aeronSession == session;
    }

    /** A proof that is to be sent now, if one is. */
    @Nullable Proof due(long nowNs) {
        if (handshake == null || handshake.confirmed() || (sentAny && nowNs - sentNs < RETRY_NS)) {
            return null;
        }
        sentAny = true;
        sentNs = nowNs;
        return handshake.next();
    }

    Handshake.Outcome on(Proof proof, int fromAeronSession, long nowNs) {
        Handshake.Outcome outcome = Objects.requireNonNull(handshake).on(proof);
        if (outcome == Handshake.Outcome.BEGUN) {
            seal = handshake.seal(CONTROL);
            check = handshake.check(CONTROL);
            aeronSession = fromAeronSession;
            dropped = 0;
            begunNs = nowNs;
        }
        return outcome;
    }

    @Nullable Proof answer() {
        return handshake == null ? null : handshake.answer();
    }

    /** Seals what this node says to the peer's archive. */
    Seal archiveSeal() {
        return Objects.requireNonNull(handshake).seal(ARCHIVE);
    }

    /** Checks what the peer says to this node's archive. */
    SealCheck archiveCheck() {
        return Objects.requireNonNull(handshake).check(ARCHIVE);
    }

    /** The peer is out of sight, and has to prove itself again. */
    void renew(long nowNs) {
        closedNs = nowNs;
        if (handshake != null) {
            handshake.renew();
            seal = null;
            check = null;
        }
    }

    /** Length of a message as it is sent, with what is put behind it. */
    int seal(MutableDirectBuffer buffer, int length) {
        return seal == null ? length : seal.seal(buffer, length);
    }

    /** Whether a message counts. */
    boolean accepts(DirectBuffer buffer, int offset, int length) {
        if (handshake == null || check == null || !check.accepts(buffer, offset, length)) {
            dropped++;
            return false;
        }
        handshake.heardSealed();
        return true;
    }

    /** Whether what the peer sent in its last session may still be on its way. */
    boolean young(long nowNs) {
        return nowNs - begunNs < YOUNG_NS;
    }

    /** Messages of this session that were forged, changed or sent again. */
    long dropped() {
        return dropped;
    }

    /** Whether the peer has had the time to prove itself and has not. */
    boolean overdue(long nowNs) {
        return !open() && nowNs - closedNs > PROOF_NS;
    }

    /** Whether to say what is wrong with this peer, which is done once per ten seconds. */
    boolean complains(long nowNs) {
        if (complained && nowNs - complainedNs < QUIET_NS) {
            return false;
        }
        complained = true;
        complainedNs = nowNs;
        return true;
    }

    void refused(boolean whether) {
        refused = whether;
    }

    /** Whether it was refused for not proving itself, and not let in since. */
    boolean refused() {
        return refused;
    }
}
