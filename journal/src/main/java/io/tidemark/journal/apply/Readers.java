package io.tidemark.journal.apply;

import io.tidemark.journal.log.LogFiles;
import io.tidemark.journal.log.SegmentFiles;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * A small pool of threads for reads that may block on a disk. The data thread submits and collects;
 * both queues are bounded, and a full one is back-pressure.
 */
public final class Readers implements AutoCloseable {
    private final ManyToManyConcurrentArrayQueue<ReadJob> submitted;
    private final ManyToManyConcurrentArrayQueue<ReadJob> done;
    private final OneToOneConcurrentArrayQueue<ReadJob> free;
    private final List<Thread> threads = new ArrayList<>();
    private final LogFiles files;
    private final Runnable wakeup;
    private volatile boolean closed;
    private int next;

    public Readers(String name, LogFiles files, int threadCount, int maxReads, Runnable wakeup) {
        this.files = files;
        this.wakeup = wakeup;
        this.submitted = new ManyToManyConcurrentArrayQueue<>(maxReads);
        this.done = new ManyToManyConcurrentArrayQueue<>(maxReads);
        this.free = new OneToOneConcurrentArrayQueue<>(maxReads);
        for (int i = 0; i < maxReads; i++) {
            free.offer(new ReadJob());
        }
        for (int i = 0; i < threadCount; i++) {
            threads.add(
                    Thread.ofPlatform().name("read-" + name + "-" + i).daemon().start(this::run));
        }
    }

    /** A job to prepare and submit, or null if as many as allowed are under way. Data thread. */
    public @Nullable ReadJob take() {
        return free.poll();
    }

    /** Also a job that has failed, for another try. Data thread. */
    public void submit(ReadJob job) {
        submitted.offer(job);
        LockSupport.unpark(threads.get(next));
        next = (next + 1) % threads.size();
    }

    /** A job that is done, or null; give it back by {@link #release}. Data thread. */
    public @Nullable ReadJob poll() {
        return done.poll();
    }

    /** Data thread. */
    public void release(ReadJob job) {
        job.target = null;
        job.attachment = null;
        free.offer(job);
    }

    private void run() {
        try (SegmentFiles segments = new SegmentFiles(files)) {
            while (!closed) {
                ReadJob job = submitted.poll();
                if (job == null) {
                    LockSupport.park(this);
                    continue;
                }
                try {
                    perform(job, segments);
                } catch (RuntimeException | Error e) {
                    job.failure = new IllegalStateException(String.valueOf(e.getMessage()), e);
                }
                done.offer(job);
                wakeup.run();
            }
        }
    }

    private static void perform(ReadJob job, SegmentFiles segments) {
        ByteBuffer target = job.freshTarget();
        VolumePartition volume = job.volume;
        if (volume == null) {
            throw new IllegalStateException("not prepared");
        }
        int limit = target.limit();
        for (int i = 0; i < job.pieces(); i++) {
            int end = target.position() + job.length(i);
            target.limit(end);
            if (job.fromPartition(i)) {
                volume.partition().read(job.start(i), target);
            } else if (job.zeroes(i)) {
                while (target.remaining() >= Long.BYTES) {
                    target.putLong(0);
                }
                while (target.hasRemaining()) {
                    target.put((byte) 0);
                }
            } else {
                segments.read(job.address(i), job.logEnd, target);
            }
            if (target.position() != end) {
                throw new IllegalStateException(
                        "read " + (target.position() - end) + " bytes too few");
            }
            target.limit(limit);
        }
    }

    @Override
    public void close() {
        closed = true;
        threads.forEach(LockSupport::unpark);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
