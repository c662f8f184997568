package io.tidemark.journal.log;

import io.tidemark.journal.DurableFolders;
import io.tidemark.journal.JournalException;
import io.tidemark.journal.linux.Linux;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Makes recorded bytes durable: the one thread that calls fdatasync on a resource's segment files.
 * Group commit: one call covers everything that was recorded before it.
 *
 * <p>The data thread asks by position ({@link #request}) and reads {@link #durable}. A channel to a
 * segment stays open from its first sync to its last, so that a write-back error between two syncs
 * cannot go unseen (Linux reports it once per open file).
 */
public final class JournalSyncer implements AutoCloseable {
    private final LogFiles files;
    private final ZeroAhead zeroAhead;
    private final Runnable wakeup;
    private final Thread thread;
    private volatile long requested;
    private volatile long durable;
    private volatile @Nullable RuntimeException failure;
    private volatile boolean closed;
    private @Nullable FileChannel channel;
    private long channelBase = -1;
    private int cuts;

    /** Whether the first sync is done, the one before recovery. */
    private boolean readBack;

    /**
     * @param zeroAhead is told of what is synced
     * @param wakeup tells the data thread that something moved
     */
    public JournalSyncer(String name, LogFiles files, ZeroAhead zeroAhead, Runnable wakeup) {
        this.files = files;
        this.zeroAhead = zeroAhead;
        this.wakeup = wakeup;
        this.thread = Thread.ofPlatform().name("sync-" + name).daemon().start(this::run);
    }

    /**
     * The log was recovered or cut and is durable up to here. Data thread, while nothing is asked
     * for.
     */
    public void restart(long position) {
        // The syncer must never see more requested than durable here: there may be nothing to sync.
        if (position < requested) {
            requested = position;
            durable = position;
        } else {
            durable = position;
            requested = position;
        }
    }

    /** Whether a sync is asked for or under way. Data thread. */
    public boolean busy() {
        return requested > durable;
    }

    /**
     * Asks that the log be durable up to {@code recorded}, a position that is recorded already.
     * Data thread.
     */
    public void request(long recorded) {
        if (recorded > requested) {
            requested = recorded;
            LockSupport.unpark(thread);
        }
    }

    /** End of what is on stable storage. Any thread. */
    public long durable() {
        return durable;
    }

    /** What was asked for last. Data thread. */
    public long requested() {
        return requested;
    }

    /** Why syncing has stopped for good, or null. An fsync error is never retried (I10). */
    public @Nullable RuntimeException failure() {
        return failure;
    }

    private void run() {
        while (!closed) {
            // In this order: a restart that lowers both must not leave an old target above a new
            // durable position, or bytes appended later would count as durable unsynced.
            long from = durable;
            long target = requested;
            if (target <= from) {
                LockSupport.park(this);
                continue;
            }
            try {
                sync(from, target);
                durable = target;
            } catch (IOException | RuntimeException | Error e) {
                failure =
                        new JournalException(
                                JournalException.Code.FAILED,
                                "fsync of the journal failed at position "
                                        + from
                                        + " to "
                                        + target
                                        + ": "
                                        + e.getMessage()
                                        + ". Check the disk; the peers have the log",
                                e);
                wakeup.run();
                return;
            }
            wakeup.run();
            zeroAhead.synced(from, target);
        }
    }

    private void sync(long from, long to) throws IOException {
        for (long base = files.baseOf(from); base < to; base += files.segmentLength()) {
            FileChannel open = channel;
            if (base != channelBase || open == null || cuts != files.cuts()) {
                cuts = files.cuts();
                if (open != null) {
                    open.close();
                }
                open =
                        FileChannel.open(
                                files.segment(base),
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE);
                channel = open;
                channelBase = base;
                // A segment that is new must survive by name too.
                DurableFolders.sync(files.directory());
            }
            open.force(false);
            if (!readBack) {
                forgetCached(files.segment(base));
            }
        }
        readBack = true;
    }

    /**
     * Before recovery reads the log: the process before may have ended over a failed write-back,
     * after which the page cache shows bytes that never reached the disk, and later syncs succeed
     * over them. What is read now is what the disk holds.
     */
    private static void forgetCached(Path segment) throws IOException {
        int fd = Linux.open(segment, Linux.O_RDWR | Linux.O_CLOEXEC, 0);
        if (fd < 0) {
            throw new IOException(segment + " cannot be opened: " + Linux.message(-fd));
        }
        try {
            int result = Linux.dropCached(fd);
            if (result < 0) {
                throw new IOException(
                        "posix_fadvise of " + segment + " failed: " + Linux.message(-result));
            }
        } finally {
            Linux.close(fd);
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new JournalException(
                    JournalException.Code.FAILED, "cannot close a segment: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
