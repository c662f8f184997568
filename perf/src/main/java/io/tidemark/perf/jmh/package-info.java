/**
 * JMH benchmarks of the parts of the data path. {@code tools/bin/perf jmh -prof gc} shows time and
 * allocation per operation; the latter must be zero ("≈ 10⁻⁶ B/op") for everything here.
 */
@NullMarked
package io.tidemark.perf.jmh;

import org.jspecify.annotations.NullMarked;
