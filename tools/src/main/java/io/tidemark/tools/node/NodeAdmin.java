package io.tidemark.tools.node;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.journal.replication.DamagedEnd;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.AdminHandler;
import io.tidemark.tools.admin.AdminJson;
import io.tidemark.tools.admin.PromotePreview;
import io.tidemark.tools.admin.ResolvePreview;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Carries commands of the admin socket to the data thread and its answers back. Admin threads. */
final class NodeAdmin implements AdminHandler {
    private static final long TIMEOUT_SECONDS = 20;

    private final String node;
    private final DutyCycle cycle;
    private final List<NodeResource> resources;

    NodeAdmin(String node, DutyCycle cycle, NodeResources resources) {
        this.node = node;
        this.cycle = cycle;
        this.resources = resources.all();
    }

    @Override
    public JsonNode handle(String command, JsonNode arguments) throws AdminException {
        return switch (command) {
            case "status" ->
                    AdminJson.tree(ask(() -> StatusReport.of(node, resources, cycle.dutyNs())));
            case "promote-preview" -> {
                NodeResource resource = resource(arguments);
                yield AdminJson.tree(
                        ask(() -> StatusReport.promotePreview(resource, cycle.dutyNs())));
            }
            case "promote" ->
                    promote(resource(arguments), arguments.path("force").asBoolean(false));
            case "resolve-preview" -> {
                NodeResource resource = resource(arguments);
                yield AdminJson.tree(ask(() -> Resolution.preview(resource)));
            }
            case "resolve" -> resolve(resource(arguments), arguments.path("to").asLong(-1));
            case "demote" -> demote(resource(arguments), arguments);
            default ->
                    throw new AdminException(
                            "node "
                                    + node
                                    + " does not know the command '"
                                    + command
                                    + "'. Use the same version on both sides");
        };
    }

    private JsonNode promote(NodeResource wanted, boolean force) throws AdminException {
        PromotePreview preview = ask(() -> StatusReport.promotePreview(wanted, cycle.dutyNs()));
        if (!preview.allowed() || !(wanted instanceof ResourceNode resource)) {
            throw new AdminException(String.join("; ", preview.lines()));
        }
        if (preview.needsForce() && !force) {
            throw new AdminException(
                    String.join("; ", preview.lines()) + ". Use --force if that is wanted");
        }
        ask(
                () -> {
                    DamagedEnd damaged = resource.agent().mending().damagedEnd();
                    if (force && damaged != null) {
                        resource.agent().mending().giveUp(damaged);
                    }
                    resource.agent().state().promote(force);
                    return true;
                });
        return AdminJson.tree(Map.of("resource", resource.settings().name(), "promoted", true));
    }

    /** Only what was shown is given up: if it has become another position, nothing is. */
    private JsonNode resolve(NodeResource wanted, long to) throws AdminException {
        return AdminJson.tree(
                ask(
                        () -> {
                            ResolvePreview now = Resolution.preview(wanted);
                            if (!now.allowed()
                                    || now.to() != to
                                    || !(wanted instanceof ResourceNode resource)) {
                                throw new AdminException(
                                        "it is not what was shown any more: "
                                                + String.join("; ", now.lines()));
                            }
                            resource.agent().discard(to);
                            return now;
                        }));
    }

    private JsonNode demote(NodeResource wanted, JsonNode arguments) throws AdminException {
        if (!(wanted instanceof ResourceNode resource)) {
            throw new AdminException(String.valueOf(wanted.refusal()));
        }
        String to = arguments.path("to").asText("");
        boolean dryRun = arguments.path("dry_run").asBoolean(false);
        long epoch = ask(() -> Demotion.ask(resource, to.isEmpty() ? null : to, dryRun));
        return AdminJson.tree(Map.of("resource", resource.settings().name(), "epoch", epoch));
    }

    private NodeResource resource(JsonNode arguments) throws AdminException {
        String name = arguments.path("resource").asText();
        return resources.stream()
                .filter(r -> r.settings().name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new AdminException(
                                        "node "
                                                + node
                                                + " has no resource '"
                                                + name
                                                + "'. It has "
                                                + resources.stream()
                                                        .map(r -> r.settings().name())
                                                        .toList()));
    }

    /** Done by the data thread. */
    private interface Question<T> {
        T answer() throws AdminException;
    }

    private <T> T ask(Question<T> question) throws AdminException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        cycle.execute(
                () -> {
                    try {
                        answer.complete(question.answer());
                    } catch (AdminException | RuntimeException e) {
                        answer.completeExceptionally(e);
                    }
                });
        try {
            return answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AdminException refused) {
                throw refused;
            }
            throw new AdminException("node " + node + ": " + e.getCause());
        } catch (TimeoutException e) {
            throw new AdminException(
                    "node "
                            + node
                            + " does not answer within "
                            + TIMEOUT_SECONDS
                            + " s. Look at its log");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AdminException("interrupted");
        }
    }
}
