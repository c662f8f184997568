/** Tests against real sockets on loopback; the test's thread is the data thread. */
@NullMarked
package io.tidemark.nbd;

import org.jspecify.annotations.NullMarked;
