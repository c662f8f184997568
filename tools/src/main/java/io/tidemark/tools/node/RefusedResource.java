package io.tidemark.tools.node;

import io.tidemark.journal.replication.PeerLinks;
import io.tidemark.journal.replication.StopNews;
import io.tidemark.nbd.BlockDevice;
import io.tidemark.nbd.DeviceRequest;
import io.tidemark.tools.config.ResourceSettings;
import java.util.List;

/**
 * A resource that this node could not open: something of it is not what the node left, or cannot be
 * used. Nothing of it is open and nothing is written; clients are refused with the cause, and the
 * peers are told. Data thread only.
 */
final class RefusedResource implements NodeResource {
    private final ResourceSettings settings;
    private final String why;
    private final StopNews news;
    private final List<VolumeExport> exports;

    /**
     * @param node name of this node
     * @param why one line with cause and remedy
     */
    RefusedResource(ResourceSettings settings, String node, PeerLinks links, String why) {
        this.settings = settings;
        this.why = why;
        this.news = new StopNews(settings.key(), node, links);
        this.exports =
                settings.volumes().stream()
                        .map(
                                volume ->
                                        new VolumeExport(
                                                settings.name() + "/" + volume.number(),
                                                new Absent(volume.sizeBytes()),
                                                this))
                        .toList();
    }

    /** What nobody is let in to. */
    private record Absent(long sizeBytes) implements BlockDevice {
        @Override
        public boolean readOnly() {
            return false;
        }

        @Override
        public boolean submit(DeviceRequest request) {
            throw new IllegalStateException("a request for a resource that is not there");
        }
    }

    int doWork(long dutyNowNs) {
        return news.tell(why, dutyNowNs);
    }

    /** One line with cause and remedy. */
    String why() {
        return why;
    }

    @Override
    public ResourceSettings settings() {
        return settings;
    }

    @Override
    public List<VolumeExport> exports() {
        return exports;
    }

    @Override
    public String refusal() {
        return settings.name() + " has stopped on this node: " + why;
    }

    @Override
    public String stateText() {
        return "stopped";
    }

    @Override
    public String label() {
        return stateText();
    }

    @Override
    public boolean settled(boolean early) {
        return true;
    }

    @Override
    public void close() {}
}
