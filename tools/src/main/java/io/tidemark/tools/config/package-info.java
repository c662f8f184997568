/**
 * The configuration: one TOML file, the same on all hosts, read once at start into immutable
 * records.
 *
 * <pre>
 *   FILE --tomlj--&gt; ConfigTable --NodesReader, ResourcesReader--&gt; TidemarkConfig
 * </pre>
 *
 * <p>{@link io.tidemark.tools.config.TidemarkConfig#load} is the only way in, and what it returns
 * is whole and valid: nothing behind it has to check a setting again. What it refuses it names with
 * file, line and column. Runs on the thread of whoever starts a node or a command; nothing here
 * keeps state.
 */
@NullMarked
package io.tidemark.tools.config;

import org.jspecify.annotations.NullMarked;
