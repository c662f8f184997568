/** Tests of the load generator against a server in this process. */
@NullMarked
package io.tidemark.perf.load;

import org.jspecify.annotations.NullMarked;
