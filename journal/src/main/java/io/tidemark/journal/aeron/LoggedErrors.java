package io.tidemark.journal.aeron;

import org.agrona.ErrorHandler;

/**
 * Logs what Aeron reports, each distinct text once per ten seconds: a dead peer makes the driver
 * repeat itself many times a second. Aeron's own distinct-error log keeps the counts.
 */
final class LoggedErrors implements ErrorHandler {
    private static final System.Logger LOG = System.getLogger("io.tidemark.aeron");
    private static final long QUIET_NS = 10_000_000_000L;

    private final String node;
    private String lastText = "";
    private long lastNs;

    LoggedErrors(String node) {
        this.node = node;
    }

    @Override
    public void onError(Throwable throwable) {
        String text = String.valueOf(throwable.getMessage());
        long now = System.nanoTime();
        if (text.equals(lastText) && now - lastNs < QUIET_NS) {
            return;
        }
        lastText = text;
        lastNs = now;
        boolean warning =
                throwable instanceof io.aeron.exceptions.AeronException aeron
                        && aeron.category() == io.aeron.exceptions.AeronException.Category.WARN;
        LOG.log(
                warning ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
                () -> node + ": " + throwable.getClass().getSimpleName() + ": " + text);
    }
}
