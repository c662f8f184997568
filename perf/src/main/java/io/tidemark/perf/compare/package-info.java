/**
 * Comparison runs: candidates side by side, workload by workload, in rounds whose order rotates, so
 * that what else happens on the machine hits all of them alike and ratios are taken inside a round.
 * One thread, the caller's.
 */
@NullMarked
package io.tidemark.perf.compare;

import org.jspecify.annotations.NullMarked;
