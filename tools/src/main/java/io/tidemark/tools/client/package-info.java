/**
 * A small NBD client for the demo's check and for tests. It encodes the protocol by itself, not
 * with the schemas of codec: a client that shared them with the server would agree with the
 * server's mistakes.
 */
@NullMarked
package io.tidemark.tools.client;

import org.jspecify.annotations.NullMarked;
