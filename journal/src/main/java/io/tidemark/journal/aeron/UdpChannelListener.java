package io.tidemark.journal.aeron;

import java.nio.channels.DatagramChannel;

/**
 * Told of every UDP channel that the media driver opens, so that an idle node can block until one
 * of them is readable. Called on the data thread. A closed channel leaves its selectors by itself.
 */
@FunctionalInterface
public interface UdpChannelListener {
    void opened(DatagramChannel channel);
}
