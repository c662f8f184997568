package io.tidemark.nbd;

import java.util.ArrayList;

/** Request objects for reuse; as many as were ever in flight at once. Data thread only. */
final class RequestPool {
    private final ReadBudget reads;
    private final ArrayList<DeviceRequest> idle = new ArrayList<>();

    RequestPool(ReadBudget reads) {
        this.reads = reads;
    }

    DeviceRequest acquire() {
        return idle.isEmpty() ? new DeviceRequest() : idle.removeLast();
    }

    /** Takes a request back, with the READ buffer it may still hold. */
    void release(DeviceRequest request) {
        PooledBuffer target = request.takeTarget();
        if (target != null) {
            reads.release(target);
        }
        request.free();
        idle.add(request);
    }
}
