package io.tidemark.tools.node;

import io.tidemark.nbd.BlockDevice;
import io.tidemark.nbd.DeviceRequest;

/** One volume as the NBD server sees it. Data thread only. */
final class Front implements BlockDevice {
    private final Sequencer sequencer;
    private final int index;
    private final long sizeBytes;

    /**
     * @param index of the volume within its resource
     */
    Front(Sequencer sequencer, int index, long sizeBytes) {
        this.sequencer = sequencer;
        this.index = index;
        this.sizeBytes = sizeBytes;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public boolean submit(DeviceRequest request) {
        return sequencer.submit(index, request);
    }
}
