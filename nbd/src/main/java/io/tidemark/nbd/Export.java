package io.tidemark.nbd;

import org.jspecify.annotations.Nullable;

/** A device under a name. Data thread only. */
public interface Export {
    /** Canonical name as listed to clients, UTF-8, at most 4096 bytes. */
    String name();

    /** One line for humans, shown by clients that list exports; empty if there is none. */
    String description();

    BlockDevice device();

    /**
     * Why clients may not use this export now, as a sentence for humans, or null if they may. A
     * refused export is still listed, so that an operator sees that it exists.
     */
    @Nullable String refusal();
}
