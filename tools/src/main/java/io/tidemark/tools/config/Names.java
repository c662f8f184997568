package io.tidemark.tools.config;

import java.util.regex.Pattern;

/**
 * Names of nodes and resources: they become file names, export names and words in a status line.
 */
final class Names {
    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

    private Names() {}

    static void check(final ConfigTable parent, final String name) {
        if (!FORM.matcher(name).matches()) {
            throw parent.error(
                    name,
                    "'" + name + "' is no name",
                    "Use 1 to 63 of a-z, 0-9, _ and -, a letter or digit first");
        }
    }
}
