package io.tidemark.tools.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * How the protocol's records become JSON: snake_case names, unknown fields ignored. Safe for use by
 * all threads.
 */
public final class AdminJson {
    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    private AdminJson() {}

    /** An empty object to fill. */
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** A record of this package as JSON. */
    public static JsonNode tree(final Object value) {
        return MAPPER.valueToTree(value);
    }

    /**
     * JSON as a record of this package.
     *
     * @throws AdminException when it is something else
     */
    public static <T> T record(final JsonNode json, final Class<T> type) throws AdminException {
        try {
            return MAPPER.treeToValue(json, type);
        } catch (final JsonProcessingException e) {
            throw new AdminException(
                    "the node's answer is not understood ("
                            + e.getOriginalMessage()
                            + "). Use the node's own version");
        }
    }

    /** JSON on one line. */
    public static String line(final JsonNode json) {
        return json.toString();
    }

    /** JSON for people and files. */
    public static String pretty(final JsonNode json) {
        return json.toPrettyString();
    }

    static JsonNode parse(final String line) throws JsonProcessingException {
        return MAPPER.readTree(line);
    }
}
