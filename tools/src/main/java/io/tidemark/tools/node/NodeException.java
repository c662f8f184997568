package io.tidemark.tools.node;

import java.io.Serial;

/** Why a node cannot start. The message is one line: what, where, and what to do. */
final class NodeException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    NodeException(String message) {
        super(message);
    }

    NodeException(String message, Throwable cause) {
        super(message, cause);
    }
}
