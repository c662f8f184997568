/**
 * {@code tidemark demo}: two nodes on this host as child processes, to look at ({@link
 * io.tidemark.tools.demo.LiveDemo}) or to be put to the test ({@link
 * io.tidemark.tools.demo.CheckRun}).
 *
 * <pre>
 *   DemoFiles (config) --&gt; Preflight --&gt; NodePair (2 x ChildNode) --&gt; LiveDemo | CheckRun
 * </pre>
 *
 * <p>It uses nothing but what an operator has: the scripts, the admin socket, NBD. Runs on the main
 * thread; a pump thread per child copies its output to a log, and the check has a thread per
 * writer.
 */
@NullMarked
package io.tidemark.tools.demo;

import org.jspecify.annotations.NullMarked;
