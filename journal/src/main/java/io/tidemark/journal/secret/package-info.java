/**
 * The secret that the nodes of a configuration share, and what is proven with it: that a peer knows
 * it, that a control message comes from that peer and is new, that a request to the archive does.
 *
 * <pre>
 *   SharedSecret --derives--> proof of the handshake  ({@link io.tidemark.journal.secret.Handshake})
 *                        +--> key per direction -> {@link io.tidemark.journal.secret.Seal}, {@link io.tidemark.journal.secret.SealCheck}
 * </pre>
 *
 * Nothing here is sent or received; the callers are the links between nodes and the archive's gate.
 * All on the data thread.
 */
@NullMarked
package io.tidemark.journal.secret;

import org.jspecify.annotations.NullMarked;
