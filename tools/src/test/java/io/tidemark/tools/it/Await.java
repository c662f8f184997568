package io.tidemark.tools.it;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Waits for conditions of other processes, which can only be asked for, again and again. */
final class Await {
    private static final Duration POLL = Duration.ofMillis(20);

    private Await() {}

    /**
     * Asks until the answer is true.
     *
     * @param condition an exception counts as "not yet" and is shown if that was the last answer
     * @param last what to show of the state on failure
     */
    static void until(String what, Duration limit, Callable<Boolean> condition, Callable<?> last)
            throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        @Nullable Exception failure = null;
        do {
            try {
                if (condition.call()) {
                    return;
                }
                failure = null;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                failure = e;
            }
            Thread.sleep(POLL);
        } while (System.nanoTime() < deadline);
        throw new AssertionError(
                "waited " + limit.toSeconds() + " s for: " + what + "; last: " + shown(last),
                failure);
    }

    private static String shown(Callable<?> last) {
        try {
            return String.valueOf(last.call());
        } catch (Exception e) {
            return String.valueOf(e);
        }
    }
}
