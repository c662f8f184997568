package io.tidemark.tools.admin;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * The answer to {@code status}.
 *
 * @param node the node's name
 * @param resources in the order of the configuration
 */
@JsonPropertyOrder({"node", "resources"})
public record NodeStatus(String node, List<ResourceStatus> resources) {
    public NodeStatus {
        resources = List.copyOf(resources);
    }

    /** The resource of that name, if the node has it. */
    public Optional<ResourceStatus> resource(final String name) {
        return resources.stream().filter(resource -> resource.name().equals(name)).findFirst();
    }

    /** As it is sent and printed. */
    public JsonNode toJson() {
        return AdminJson.tree(this);
    }

    /**
     * Reads an answer.
     *
     * @throws AdminException when it is something else
     */
    public static NodeStatus of(final JsonNode json) throws AdminException {
        return AdminJson.record(json, NodeStatus.class);
    }
}
