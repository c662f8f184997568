/**
 * The command line: {@link io.tidemark.tools.cli.Tidemark} and one class per command.
 *
 * <pre>
 *   tools/bin/tidemark --&gt; Tidemark --&gt; NodeCommand    --&gt; the node itself, in this process
 *                                  --&gt; StatusCommand  \
 *                                  --&gt; PromoteCommand  --&gt; admin socket of a running node
 *                                  --&gt; DemoCommand    --&gt; two nodes as child processes
 * </pre>
 *
 * <p>Everything runs on the main thread. A command returns one of {@link
 * io.tidemark.tools.cli.ExitStatus}; failures are exceptions whose message is one line, and become
 * {@code tidemark: what. remedy} on the standard error, never a stack trace. What scripts read goes
 * to the standard output.
 */
@NullMarked
package io.tidemark.tools.cli;

import org.jspecify.annotations.NullMarked;
