package io.tidemark.tools.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes and durations as people write them: {@code 1 GiB}, {@code 4096}, {@code 500 ms}, {@code 5
 * s}.
 */
public final class Quantities {
    /** How a size may be written, for messages. */
    public static final String SIZE_FORM =
            "Write a whole number of bytes or of KiB, MiB, GiB or TiB, as in \"1 GiB\"";

    /** How a duration may be written, for messages. */
    public static final String DURATION_FORM =
            "Write a whole number of ms, s, min or h, as in \"5 s\"";

    private static final Pattern FORM = Pattern.compile("([0-9]{1,18}) ?([A-Za-z]*)");

    private Quantities() {}

    /**
     * Reads a size.
     *
     * @return bytes
     * @throws IllegalArgumentException when the text is no size or exceeds 2^63 - 1 bytes
     */
    public static long bytes(final String text) {
        final Matcher matcher = FORM.matcher(text.strip());
        if (matcher.matches()) {
            final int shift =
                    switch (matcher.group(2)) {
                        case "", "B" -> 0;
                        case "KiB" -> 10;
                        case "MiB" -> 20;
                        case "GiB" -> 30;
                        case "TiB" -> 40;
                        default -> -1;
                    };
            final long number = Long.parseLong(matcher.group(1));
            if (shift >= 0 && number <= Long.MAX_VALUE >> shift) {
                return number << shift;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is no size");
    }

    /**
     * Reads a duration.
     *
     * @throws IllegalArgumentException when the text is no duration
     */
    public static Duration duration(final String text) {
        final Matcher matcher = FORM.matcher(text.strip());
        if (matcher.matches() && matcher.group(1).length() <= 9) {
            final long number = Long.parseLong(matcher.group(1));
            final Duration unit =
                    switch (matcher.group(2)) {
                        case "ms" -> Duration.ofMillis(1);
                        case "s" -> Duration.ofSeconds(1);
                        case "min" -> Duration.ofMinutes(1);
                        case "h" -> Duration.ofHours(1);
                        default -> Duration.ZERO;
                    };
            if (!unit.isZero()) {
                return unit.multipliedBy(number);
            }
        }
        throw new IllegalArgumentException("'" + text + "' is no duration");
    }

    /**
     * Bytes for people: the largest unit that leaves at least one, with one decimal if that is not
     * exact.
     */
    public static String text(final long bytes) {
        final String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        while (unit < units.length - 1 && bytes >= 1L << (10 * (unit + 1))) {
            unit++;
        }
        final long one = 1L << (10 * unit);
        return bytes % one == 0
                ? "%d %s".formatted(bytes / one, units[unit])
                : "%.1f %s".formatted((double) bytes / one, units[unit]);
    }

    /** A duration for people, in the largest unit that is exact. */
    public static String text(final Duration duration) {
        final long ms = duration.toMillis();
        return ms % 1000 == 0 ? ms / 1000 + " s" : ms + " ms";
    }
}
