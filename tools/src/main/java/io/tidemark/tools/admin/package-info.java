/**
 * The admin protocol: how a command asks a running node, over the unix domain socket {@code
 * admin.sock} in the node's directory. Whoever may enter that directory (mode 0700) may ask.
 *
 * <pre>
 *   command line --AdminClient--&gt; admin.sock --AdminServer--&gt; AdminHandler (the node)
 * </pre>
 *
 * <p>Version 1: one JSON object per line, UTF-8, ended by a newline, each way; a client may send
 * several requests, the answers come in their order.
 *
 * <pre>
 *   {"v":1,"command":"status","arguments":{}}
 *   {"v":1,"ok":true,"result":{"node":"alpha","resources":[...]}}
 *   {"v":1,"ok":false,"error":"what. remedy","exit":1}
 * </pre>
 *
 * <p>Fields are only ever added; what a reader does not know it ignores. Commands: {@code status}
 * (no arguments, result {@link io.tidemark.tools.admin.NodeStatus}), {@code promote-preview}
 * ({@code resource}; result {@link io.tidemark.tools.admin.PromotePreview}) and {@code promote}
 * ({@code resource}, {@code force}; result {@code {}}).
 *
 * <p>Threads: the server has one acceptor thread and one thread per connection, all of them
 * daemons, none of them the node's data thread. A handler therefore runs on the server's threads
 * and must hand over to the data thread itself.
 */
@NullMarked
package io.tidemark.tools.admin;

import org.jspecify.annotations.NullMarked;
