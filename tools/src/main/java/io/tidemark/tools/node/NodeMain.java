package io.tidemark.tools.node;

import io.tidemark.journal.JournalException;
import io.tidemark.journal.apply.SuperblockException;
import io.tidemark.journal.partition.PartitionException;
import io.tidemark.nbd.NbdException;
import io.tidemark.tools.config.Role;
import io.tidemark.tools.config.TidemarkConfig;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Runs a node in the foreground of its process until SIGTERM or SIGINT. */
public final class NodeMain {
    /** The configuration or the host does not allow the node to start, or its data is damaged. */
    private static final int EXIT_REFUSED = 2;

    private static final int EXIT_FAILED = 1;

    /** One line per message, with the time first. */
    private static final String LOG_FORMAT = "java.util.logging.SimpleFormatter.format";

    /** What the process ends with, whoever ends it. */
    private static volatile int exitStatus = EXIT_FAILED;

    private NodeMain() {}

    /**
     * Runs a node until it is told to stop.
     *
     * @param requestedRole null to resume the remembered role
     * @return exit status
     */
    public static int run(TidemarkConfig config, String nodeName, @Nullable Role requestedRole) {
        if (System.getProperty(LOG_FORMAT) == null) {
            System.setProperty(LOG_FORMAT, "%1$tF %1$tT.%1$tL %4$s %5$s%6$s%n");
        }
        CountDownLatch ended = new CountDownLatch(1);
        try (Node node = new Node(config, nodeName)) {
            Thread hook =
                    Thread.ofPlatform().name("stop").unstarted(() -> stopAndWait(node, ended));
            Runtime.getRuntime().addShutdownHook(hook);
            boolean cleanly =
                    node.run(requestedRole == null ? null : requestedRole == Role.PRIMARY);
            exitStatus = cleanly ? 0 : EXIT_FAILED;
        } catch (NodeException
                | JournalException
                | PartitionException
                | SuperblockException
                | NbdException e) {
            System.err.println("tidemark: " + e.getMessage());
            exitStatus = EXIT_REFUSED;
        } catch (IOException e) {
            System.err.println("tidemark: node " + nodeName + " failed: " + e);
            exitStatus = EXIT_FAILED;
        } catch (RuntimeException | InternalError e) {
            // A mapped file that cannot grow any more comes as an InternalError.
            System.err.println(
                    "tidemark: node "
                            + nodeName
                            + " failed: "
                            + e
                            + ". Look at the disk of its journal and at /dev/shm, then start it again");
            exitStatus = EXIT_FAILED;
        } finally {
            ended.countDown();
        }
        return exitStatus;
    }

    private static void stopAndWait(Node node, CountDownLatch ended) {
        node.stop();
        try {
            ended.await();
            // A signal's own exit status would call a clean stop a failure.
            Runtime.getRuntime().halt(exitStatus);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
