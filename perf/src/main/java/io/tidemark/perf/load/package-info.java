/**
 * A load generator for NBD servers that costs a few microseconds per request, and the check of what
 * it wrote.
 *
 * <pre>
 *   Workload ---> LoadGenerator ---> LoadConnection (1..n) <===> server
 *                      |   ^               |
 *                      v   +---- replies --+
 *                   Ledger  what every block must hold ----> Verifier (reads everything back)
 * </pre>
 *
 * <p>One thread, the caller's. The protocol is encoded here and not with the schemas of codec: a
 * client that shared them with the server would agree with the server's mistakes.
 */
@NullMarked
package io.tidemark.perf.load;

import org.jspecify.annotations.NullMarked;
