package io.tidemark.tools.node;

import io.tidemark.nbd.BlockDevice;
import io.tidemark.nbd.Export;
import org.jspecify.annotations.Nullable;

/** A volume under its export name {@code resource/volume}. */
record VolumeExport(String name, BlockDevice device, NodeResource resource) implements Export {
    @Override
    public String description() {
        return "Tidemark volume " + name + ", " + resource.stateText();
    }

    @Override
    public @Nullable String refusal() {
        return resource.refusal();
    }
}
