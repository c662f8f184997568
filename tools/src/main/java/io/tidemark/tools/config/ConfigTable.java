package io.tidemark.tools.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * One table of the file with typed access to its keys. A class of its own because here every
 * refusal gets its place: readers say which key is wrong and why, this class knows line and column.
 */
final class ConfigTable {
    private final Path file;
    private final String name;
    private final TomlTable table;
    private final TomlPosition position;

    private ConfigTable(
            final Path file,
            final String name,
            final TomlTable table,
            final TomlPosition position) {
        this.file = file;
        this.name = name;
        this.table = table;
        this.position = position;
    }

    static ConfigTable root(final Path file, final TomlTable table) {
        return new ConfigTable(file, "", table, TomlPosition.positionAt(1, 1));
    }

    Set<String> keys() {
        return table.keySet();
    }

    /** The name as it stands in brackets in the file. */
    String name() {
        return name;
    }

    /** What paths in the file start from. */
    Path folder() {
        final Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }

    /** Refuses every key but these. */
    void allowOnly(final List<String> known) {
        for (final String key : keys()) {
            if (!known.contains(key)) {
                final String remedy =
                        Nearest.to(key, known)
                                .map(near -> "Did you mean '" + near + "'?")
                                .orElse("Known here: " + String.join(", ", known));
                throw error(key, "unknown key '" + key + "'" + where(), remedy);
            }
        }
    }

    /** The table under a key. */
    ConfigTable table(final String key, final String example) {
        if (required(key, example) instanceof TomlTable inner) {
            return new ConfigTable(
                    file, name.isEmpty() ? key : name + "." + key, inner, positionOf(key));
        }
        throw wrongType(key, "a table", example);
    }

    String string(final String key, final String example) {
        if (required(key, example) instanceof String text && !text.isBlank()) {
            return text;
        }
        throw wrongType(key, "a non-empty string", example);
    }

    /** A size in bytes, at least {@code min}. */
    long size(final String key, final String example, final long min, final String why) {
        final long bytes = bytes(key, required(key, example));
        if (bytes < min) {
            throw error(
                    key,
                    "'"
                            + key
                            + "' is "
                            + Quantities.text(bytes)
                            + ", less than "
                            + Quantities.text(min),
                    why);
        }
        return bytes;
    }

    long sizeOr(final String key, final long defaultBytes, final long min, final String why) {
        return has(key) ? size(key, "", min, why) : defaultBytes;
    }

    int integer(final String key, final String example, final int min, final int max) {
        if (!(required(key, example) instanceof Long value)) {
            throw wrongType(key, "a whole number", example);
        }
        if (value < min || value > max) {
            throw error(key, "'" + key + "' is " + value, "Choose one from " + min + " to " + max);
        }
        return value.intValue();
    }

    OptionalInt integer(final String key, final int min, final int max) {
        return has(key) ? OptionalInt.of(integer(key, "", min, max)) : OptionalInt.empty();
    }

    Duration durationOr(
            final String key, final Duration otherwise, final Duration min, final Duration max) {
        if (!has(key)) {
            return otherwise;
        }
        final Duration value = duration(key);
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw error(
                    key,
                    "'" + key + "' is " + Quantities.text(value),
                    "Choose one from " + Quantities.text(min) + " to " + Quantities.text(max));
        }
        return value;
    }

    /** A refusal at a key of this table. */
    ConfigException error(final String key, final String what, final String remedy) {
        return ConfigException.at(file, positionOf(key), what, remedy);
    }

    /** A refusal of this table as a whole. */
    ConfigException error(final String what, final String remedy) {
        return ConfigException.at(file, position, what, remedy);
    }

    private Object required(final String key, final String example) {
        final @Nullable Object value = value(key);
        if (value == null) {
            throw error("'" + key + "' is missing" + where(), "Add " + example);
        }
        return value;
    }

    private Duration duration(final String key) {
        try {
            return Quantities.duration(String.valueOf(value(key)));
        } catch (final IllegalArgumentException e) {
            throw error(key, "'" + key + "': " + e.getMessage(), Quantities.DURATION_FORM);
        }
    }

    private long bytes(final String key, final Object value) {
        try {
            return Quantities.bytes(value.toString());
        } catch (final IllegalArgumentException e) {
            throw error(key, "'" + key + "': " + e.getMessage(), Quantities.SIZE_FORM);
        }
    }

    private ConfigException wrongType(final String key, final String wanted, final String example) {
        final String remedy = example.isEmpty() ? "See README.md" : "As in " + example;
        return error(key, "'" + key + "'" + where() + " must be " + wanted, remedy);
    }

    boolean has(final String key) {
        return value(key) != null;
    }

    private @Nullable Object value(final String key) {
        return table.get(List.of(key));
    }

    private TomlPosition positionOf(final String key) {
        final @Nullable TomlPosition found = table.inputPositionOf(List.of(key));
        return found == null ? position : found;
    }

    private String where() {
        return name.isEmpty() ? "" : " in [" + name + "]";
    }

    @Override
    public String toString() {
        return keys().stream().collect(Collectors.joining(", ", "[" + name + "] ", ""));
    }
}
