package io.tidemark.tools.config;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * One {@code [resources.NAME]}.
 *
 * @param name unique in the file
 * @param protocol what replies wait for
 * @param volumes at least one, by number
 * @param peerTimeout how long a reply waits for a replica that does not move before that leaves the
 *     in-sync set
 * @param peerWait how long a start waits for peers that it could do without
 * @param unappliedLimitBytes log between applied and appended at which writes have to wait; at
 *     least {@link #MIN_UNAPPLIED_BYTES}
 * @param checkpointInterval time between checkpoints
 * @param checkpointBytes log applied since the last checkpoint at which the next one is taken,
 *     whatever the time; what a restart has to read again is about as much
 * @param syncInterval time after which recorded bytes become durable although no client flushes
 */
public record ResourceSettings(
        String name,
        Protocol protocol,
        List<VolumeSettings> volumes,
        Duration peerTimeout,
        Duration peerWait,
        long unappliedLimitBytes,
        Duration checkpointInterval,
        long checkpointBytes,
        Duration syncInterval) {
    /** Largest request that an NBD client may send, in bytes. */
    public static final int MAX_REQUEST_BYTES = 32 << 20;

    /**
     * With less than two of the largest requests, one could wait for a window that only the next
     * one opens.
     */
    public static final long MIN_UNAPPLIED_BYTES = 2L * MAX_REQUEST_BYTES;

    public ResourceSettings {
        volumes = List.copyOf(volumes);
    }

    /**
     * Stable 32-bit hash of the name, by which nodes address the resource in short messages; unique
     * in a file.
     */
    public int key() {
        return key(name);
    }

    static int key(final String name) {
        final CRC32C crc = new CRC32C();
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        return (int) crc.getValue();
    }

    /** 64-bit digest of what all nodes must agree on: name, protocol, volume numbers and sizes. */
    public long digest() {
        return SharedDigest.of(this);
    }
}
