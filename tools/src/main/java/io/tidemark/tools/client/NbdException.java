package io.tidemark.tools.client;

import java.io.IOException;

/** An error reply: the request failed, the connection lives on. */
public final class NbdException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    NbdException(final String request, final int errno) {
        super(request + " was answered with error " + errno);
        this.errno = errno;
    }

    /** The error's number as the protocol defines it, for example 5 for EIO. */
    public int errno() {
        return errno;
    }
}
