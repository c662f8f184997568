package io.tidemark.nbd;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The names a server offers. Data thread only; asked during negotiation, never per request. */
public interface Exports {
    /**
     * The export of that name or null if there is none. The empty name asks for the default export;
     * which one that is, if any, is decided here.
     */
    @Nullable Export find(String name);

    /** All exports, in the order in which clients should see them. */
    List<Export> all();
}
