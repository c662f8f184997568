package io.tidemark.journal.replication;

import io.tidemark.journal.aeron.Recording;
import io.tidemark.journal.apply.Superblock;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Builds what this node says of a resource, from where it stands at this moment. Data thread only;
 * not the data path.
 */
final class HelloSource {
    private final ResourceConfig config;
    private final Recording recording;
    private final Projection projection;
    private final ReplicationState state;

    HelloSource(
            ResourceConfig config,
            Recording recording,
            Projection projection,
            ReplicationState state) {
        this.config = config;
        this.recording = recording;
        this.projection = projection;
        this.state = state;
    }

    /**
     * The Hello for a link, or null while it would be out of date when it arrives: where this node
     * stands is not known, or changes from one moment to the next.
     */
    @Nullable Hello hello(long link, long echo, long logEnd, long durable) {
        return switch (state.phase()) {
            case RECOVERING, FOLLOWING, FETCHING, STOPPED -> null;
            case WAITING, SETTLING, OPENING, SERVING, CLOSING -> now(link, echo, logEnd, durable);
        };
    }

    /** Why the other node is refused, or null if it is not. */
    @Nullable Refusal refusal(Hello other, long logEnd, long durable) {
        return HelloCheck.refusal(now(0, 0, logEnd, durable), other);
    }

    private Hello now(long link, long echo, long logEnd, long durable) {
        Standing standing = state.standing();
        Superblock sb = projection.superblock();
        UUID base = sb.base();
        return new Hello(
                link,
                echo,
                config.replication().nodeId(),
                config.replication().node(),
                sb.resource(),
                config.replication().resource(),
                base.equals(Superblock.NIL) ? null : base,
                config.digest(),
                recording.recordingId(),
                recording.startPosition(),
                logEnd,
                durable,
                state.committed(),
                sb.applyLimit(),
                standing.highestEpoch(),
                standing.heir(),
                state.role(),
                state.attempt(),
                standing.epochs(),
                config.volumes().stream()
                        .map(v -> new Hello.Volume(v.volume(), v.partition().volumeSizeBytes()))
                        .toList());
    }
}
