package io.tidemark.tools.admin;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;

/**
 * The answer to {@code resolve-preview}: what a node would give up, shown before it does.
 *
 * @param allowed whether it can be done
 * @param keep the node whose side stays, empty if it is not allowed
 * @param to position that the log would be cut at
 * @param lines what is given up and what stays, or why it is not allowed
 */
@JsonPropertyOrder({"allowed", "keep", "to", "lines"})
public record ResolvePreview(boolean allowed, String keep, long to, List<String> lines) {
    public ResolvePreview {
        lines = List.copyOf(lines);
    }
}
