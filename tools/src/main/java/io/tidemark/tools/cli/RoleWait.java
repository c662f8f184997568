package io.tidemark.tools.cli;

import io.tidemark.tools.admin.AdminClient;
import io.tidemark.tools.admin.AdminException;
import io.tidemark.tools.admin.ResourceStatus;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Waits until a resource is on a node what a command has asked for, and shows what it waits for.
 */
final class RoleWait {
    private static final long POLL_NS = 100_000_000L;

    private final AdminClient node;
    private final String resource;
    private final PrintWriter out;

    RoleWait(final AdminClient node, final String resource, final PrintWriter out) {
        this.node = node;
        this.resource = resource;
        this.out = out;
    }

    /**
     * Returns the status that is as wanted.
     *
     * @param limit how long the state may stay the same; what moves is waited for
     * @param otherwise what to say when it does not
     * @throws CommandException if it stops, or stays what it is for too long
     */
    ResourceStatus until(
            final Predicate<ResourceStatus> wanted, final Duration limit, final String otherwise)
            throws AdminException {
        String shown = "";
        long since = System.nanoTime();
        while (true) {
            final ResourceStatus status =
                    node.status()
                            .resource(resource)
                            .orElseThrow(() -> new AdminException("no resource " + resource));
            if (wanted.test(status)) {
                return status;
            }
            if (status.state().equals("stopped")) {
                throw new CommandException(
                        resource + " has stopped there: " + status.detail(), ExitStatus.FAILED);
            }
            final String now = (status.state() + " " + status.detail()).strip();
            if (!now.equals(shown)) {
                if (!shown.isEmpty()) {
                    out.println(now);
                    out.flush();
                }
                shown = now;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > limit.toNanos()) {
                throw new CommandException(
                        resource + " is still " + now + ". " + otherwise, ExitStatus.FAILED);
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }
}
