package io.tidemark.tools.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;

/**
 * The whole configuration of a set of nodes, valid as a whole. Immutable, free to share between
 * threads.
 *
 * @param file the file as it was named
 * @param nodes in the order of the file, at least one
 * @param resources in the order of the file, at least one; every node holds every one of them
 * @param secretFile absolute; holds what the nodes prove to each other that they know. Not read
 *     here, since only a node may be able to. Empty if they trust each other's addresses
 */
public record TidemarkConfig(
        Path file,
        List<NodeSettings> nodes,
        List<ResourceSettings> resources,
        Optional<Path> secretFile) {
    public TidemarkConfig {
        nodes = List.copyOf(nodes);
        resources = List.copyOf(resources);
    }

    /**
     * Reads and validates a file.
     *
     * @throws ConfigException when the file cannot be read or is refused
     */
    public static TidemarkConfig load(final Path file) {
        return parse(file, read(file));
    }

    static TidemarkConfig parse(final Path file, final String text) {
        final TomlParseResult toml = Toml.parse(text);
        if (toml.hasErrors()) {
            final TomlParseError first = toml.errors().getFirst();
            throw ConfigException.at(
                    file,
                    first.position(),
                    String.valueOf(first.getMessage()),
                    "The file must be TOML 1.0");
        }
        final ConfigTable root = ConfigTable.root(file, toml);
        root.allowOnly(List.of("nodes", "resources", "secret-file"));
        final List<NodeSettings> nodes =
                NodesReader.read(root.table("nodes", "a table [nodes.NAME]"));
        return new TidemarkConfig(
                file,
                nodes,
                ResourcesReader.read(root.table("resources", "a table [resources.NAME]"), nodes),
                secretFile(root));
    }

    private static Optional<Path> secretFile(final ConfigTable root) {
        return root.has("secret-file")
                ? Optional.of(
                        root.folder()
                                .resolve(
                                        root.string(
                                                "secret-file", "secret-file = \"tidemark.secret\""))
                                .normalize())
                : Optional.empty();
    }

    /**
     * The settings of one node.
     *
     * @throws ConfigException when the file has no such node
     */
    public NodeSettings node(final String name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new ConfigException(
                                        "%s has no node '%s'. It names %s"
                                                .formatted(
                                                        file,
                                                        name,
                                                        String.join(
                                                                ", ",
                                                                nodes.stream()
                                                                        .map(NodeSettings::name)
                                                                        .toList()))));
    }

    private static String read(final Path file) {
        try {
            return Files.readString(file);
        } catch (final IOException e) {
            final String why =
                    Files.exists(file) ? String.valueOf(e.getMessage()) : "there is no such file";
            throw new ConfigException(
                    "cannot read " + file + ": " + why + ". Name the configuration file");
        }
    }
}
