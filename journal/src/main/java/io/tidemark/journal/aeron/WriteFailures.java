package io.tidemark.journal.aeron;

import org.agrona.ErrorHandler;
import org.jspecify.annotations.Nullable;

/**
 * Remembers that the archive could not write a segment, which it tells nobody but its error
 * handler: the recording then ends as it does when its source ends. Whoever finds a recording ended
 * asks here, because after a failed write nothing may be recorded behind it (I10), while the end of
 * a source is daily business.
 *
 * <p>The archive does not say which recording it was. All of a node lie in one folder, so another
 * one that ends within the same moment is taken to have failed as well.
 *
 * <p>Data thread only, which invokes the archive.
 */
final class WriteFailures implements ErrorHandler {
    private static final String WRITER = "io.aeron.archive.RecordingWriter";

    private final ErrorHandler next;
    private String last = "";
    private long lastNs;

    /**
     * @param next is given every error
     */
    WriteFailures(ErrorHandler next) {
        this.next = next;
    }

    @Override
    public void onError(Throwable throwable) {
        if (fromWriter(throwable)) {
            Throwable cause = throwable.getCause();
            last = String.valueOf((cause == null ? throwable : cause).getMessage());
            lastNs = System.nanoTime();
        }
        next.onError(throwable);
    }

    /** The classes of the errors are those of many others; where they come from is not. */
    private static boolean fromWriter(Throwable throwable) {
        for (StackTraceElement frame : throwable.getStackTrace()) {
            if (frame.getClassName().equals(WRITER)) {
                return true;
            }
        }
        return false;
    }

    /**
     * What the last write failed with, or null if none has since then.
     *
     * @param sinceNs as {@link System#nanoTime} has it
     */
    @Nullable String since(long sinceNs) {
        return last.isEmpty() || lastNs - sinceNs < 0 ? null : last;
    }
}
