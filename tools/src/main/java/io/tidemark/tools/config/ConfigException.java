package io.tidemark.tools.config;

import java.nio.file.Path;
import org.tomlj.TomlPosition;

/**
 * A configuration that is refused. The message is one line for the operator: {@code
 * FILE:LINE:COLUMN: what. remedy}, with FILE as it was given on the command line.
 */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(final String message) {
        super(message);
    }

    static ConfigException at(
            final Path file, final TomlPosition position, final String what, final String remedy) {
        return new ConfigException(
                "%s:%d:%d: %s. %s"
                        .formatted(file, position.line(), position.column(), what, remedy));
    }
}
