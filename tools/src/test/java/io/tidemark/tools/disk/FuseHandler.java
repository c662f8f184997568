package io.tidemark.tools.disk;

/** Answers requests. Called by several threads at once. */
@FunctionalInterface
interface FuseHandler {
    /**
     * Does what a request wants.
     *
     * @param reply to be filled; not sent if this throws {@link DiskException}, but its error
     * @return whether the request wants a reply at all
     */
    boolean handle(FuseRequest request, FuseReply reply);
}
