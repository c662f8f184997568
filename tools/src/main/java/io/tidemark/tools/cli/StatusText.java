package io.tidemark.tools.cli;

import io.tidemark.tools.admin.JournalStatus;
import io.tidemark.tools.admin.NodeStatus;
import io.tidemark.tools.admin.PeerStatus;
import io.tidemark.tools.admin.PositionsStatus;
import io.tidemark.tools.admin.ResourceStatus;
import io.tidemark.tools.config.Quantities;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The status for people: a line and a table of positions per resource. */
final class StatusText {
    private static final List<String> HEADER =
            List.of(
                    "node",
                    "state",
                    "in-sync",
                    "appended",
                    "recorded",
                    "durable",
                    "committed",
                    "applied",
                    "checkpoint",
                    "lag");

    private StatusText() {}

    static String of(final NodeStatus status) {
        final StringBuilder text = new StringBuilder();
        for (final ResourceStatus resource : status.resources()) {
            text.append(
                    "%s  %s, %s, epoch %d, protocol %s%n"
                            .formatted(
                                    resource.name(),
                                    resource.role(),
                                    resource.state(),
                                    resource.epoch(),
                                    resource.protocol()));
            if (!resource.detail().isEmpty()) {
                text.append("    ").append(resource.detail()).append('\n');
            }
            final JournalStatus journal = resource.journal();
            if (journal.full()) {
                text.append(
                        "    journal-full: %s has %s free, %s more are needed; %s until then%n"
                                .formatted(
                                        journal.directory(),
                                        Quantities.text(journal.freeBytes()),
                                        Quantities.text(journal.missingBytes()),
                                        resource.role().equals("replica")
                                                ? "nothing is recorded"
                                                : "writes wait"));
            }
            for (final PeerStatus peer : resource.peers()) {
                if (!peer.detail().isEmpty()) {
                    text.append("    %s: %s%n".formatted(peer.node(), peer.detail()));
                }
            }
            table(text, rows(status.node(), resource));
        }
        return text.toString();
    }

    private static List<List<String>> rows(final String node, final ResourceStatus resource) {
        final List<List<String>> rows = new ArrayList<>();
        rows.add(HEADER);
        rows.add(row(node, resource.state(), "", resource.positions(), ""));
        for (final PeerStatus peer : resource.peers()) {
            final String lag =
                    "%s, %s s"
                            .formatted(
                                    Quantities.text(peer.lagBytes()),
                                    String.format(Locale.ROOT, "%.1f", peer.lagSeconds()));
            rows.add(
                    row(
                            peer.node(),
                            peer.state(),
                            peer.inSync() ? "yes" : "no",
                            peer.positions(),
                            lag));
        }
        return rows;
    }

    private static List<String> row(
            final String node,
            final String state,
            final String inSync,
            final PositionsStatus positions,
            final String lag) {
        return List.of(
                node,
                state,
                inSync,
                Long.toString(positions.appended()),
                Long.toString(positions.recorded()),
                Long.toString(positions.durable()),
                Long.toString(positions.committed()),
                Long.toString(positions.applied()),
                Long.toString(positions.checkpoint()),
                lag);
    }

    private static void table(final StringBuilder text, final List<List<String>> rows) {
        for (final List<String> row : rows) {
            final StringBuilder line = new StringBuilder("   ");
            for (int column = 0; column < row.size(); column++) {
                final int of = column;
                final int width =
                        rows.stream().mapToInt(cells -> cells.get(of).length()).max().orElse(0);
                final String cell = row.get(column);
                final String padding = " ".repeat(width - cell.length());
                // Words to the left, positions to the right so that equal digits stand below each
                // other.
                final boolean number = column >= 3 && column < row.size() - 1;
                line.append(' ').append(number ? padding + cell : cell + padding).append(' ');
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
    }
}
