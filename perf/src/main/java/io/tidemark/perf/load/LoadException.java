package io.tidemark.perf.load;

import java.io.IOException;

/** The server does not do what the protocol or its own replies promise. */
public final class LoadException extends IOException {
    private static final long serialVersionUID = 1L;

    LoadException(String message) {
        super(message);
    }
}
