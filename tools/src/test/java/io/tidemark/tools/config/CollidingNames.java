package io.tidemark.tools.config;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Two names with one hash, by the birthday paradox: about 2^16 tries. */
final class CollidingNames {
    private CollidingNames() {}

    static String[] find() {
        final Map<Integer, String> seen = new HashMap<>();
        for (int i = 0; ; i++) {
            // Spread over long names: CRC gives short names of one length different values.
            final String name =
                    Integer.toString(i, 36) + "-" + Integer.toString((i * 0x9E3779B1) >>> 1, 36);
            final @Nullable String other = seen.put(ResourceSettings.key(name), name);
            if (other != null) {
                return new String[] {other, name};
            }
        }
    }
}
