/**
 * The servers that are compared, as child processes on files in one folder: started, watched and
 * stopped here. Whatever happens, no child outlives the process that started it.
 */
@NullMarked
package io.tidemark.perf.peers;

import org.jspecify.annotations.NullMarked;
