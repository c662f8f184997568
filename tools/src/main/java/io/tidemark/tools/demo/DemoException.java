package io.tidemark.tools.demo;

/** The demo cannot go on. The message is for the operator: {@code what. remedy}. */
public final class DemoException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DemoException(final String message) {
        super(message);
    }
}
