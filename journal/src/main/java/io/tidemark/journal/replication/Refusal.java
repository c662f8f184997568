package io.tidemark.journal.replication;

/**
 * Why a peer is not let in.
 *
 * @param text one line with cause and remedy
 */
public record Refusal(Code code, String text) {
    /** Matches the control schema's RefusalCode. */
    public enum Code {
        PROTOCOL_VERSION,
        OTHER_RESOURCE,
        OTHER_VOLUMES,
        OTHER_BASE,
        DIVERGED,
        OTHER_CONFIGURATION,
        JOURNAL_PURGED,
        /** Replica to primary: no space to record anything; it follows as soon as there is. */
        JOURNAL_FULL,
        /** It has failed on that node, or could not be opened there. */
        STOPPED,
        /** It has not proven that it knows the shared secret; found here, never sent. */
        NOT_PROVEN
    }
}
