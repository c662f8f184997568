package io.tidemark.tools.admin;

import com.fasterxml.jackson.databind.JsonNode;

/** What a node does on request. Called on the admin server's threads, on several at a time. */
@FunctionalInterface
public interface AdminHandler {
    /**
     * Carries out one command.
     *
     * @param arguments an object, empty when the request had none
     * @return the result, sent as it is
     * @throws AdminException when the command is unknown or failed; its message goes to the
     *     operator
     */
    JsonNode handle(String command, JsonNode arguments) throws AdminException;
}
