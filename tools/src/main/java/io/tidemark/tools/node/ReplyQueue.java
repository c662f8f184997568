package io.tidemark.tools.node;

import io.tidemark.nbd.DeviceRequest;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait for a position, in log order. A ring that grows to what the NBD server allows
 * in flight and then stays. Data thread only.
 */
final class ReplyQueue {
    private @Nullable DeviceRequest[] requests = new DeviceRequest[256];
    private long[] ends = new long[256];
    private long[] sinceNs = new long[256];
    private int head;
    private int size;

    void add(DeviceRequest request, long end, long nowNs) {
        if (size == ends.length) {
            grow();
        }
        int tail = (head + size) & (ends.length - 1);
        requests[tail] = request;
        ends[tail] = end;
        sinceNs[tail] = nowNs;
        size++;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Position that the oldest request waits for, 0 if none waits. */
    long oldestEnd() {
        return size == 0 ? 0 : ends[head];
    }

    long oldestSinceNs() {
        return size == 0 ? 0 : sinceNs[head];
    }

    /** Takes the oldest request out. */
    DeviceRequest take() {
        DeviceRequest request = Objects.requireNonNull(requests[head]);
        requests[head] = null;
        head = (head + 1) & (ends.length - 1);
        size--;
        return request;
    }

    private void grow() {
        int old = ends.length;
        requests = Arrays.copyOf(requests, old * 2);
        ends = Arrays.copyOf(ends, old * 2);
        sinceNs = Arrays.copyOf(sinceNs, old * 2);
        System.arraycopy(requests, 0, requests, old, head);
        System.arraycopy(ends, 0, ends, old, head);
        System.arraycopy(sinceNs, 0, sinceNs, old, head);
    }
}
