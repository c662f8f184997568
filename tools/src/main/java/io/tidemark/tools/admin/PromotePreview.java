package io.tidemark.tools.admin;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;

/**
 * The answer to {@code promote-preview}: what a promotion would do, shown before it is done.
 *
 * @param allowed false if not even force would make it possible
 * @param needsForce whether the node cannot rule out that something is lost
 * @param lines what may be lost and why, or why it is not allowed
 */
@JsonPropertyOrder({"allowed", "needs_force", "lines"})
public record PromotePreview(boolean allowed, boolean needsForce, List<String> lines) {
    public PromotePreview {
        lines = List.copyOf(lines);
    }
}
