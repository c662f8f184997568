/** The node assembly. */
@NullMarked
package io.tidemark.tools.node;

import org.jspecify.annotations.NullMarked;
