package io.tidemark.journal.aeron;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.media.ReceiveChannelEndpoint;
import io.aeron.driver.media.SendChannelEndpoint;
import io.aeron.protocol.DataHeaderFlyweight;
import java.net.InetSocketAddress;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Makes the driver's channel endpoints report the sockets they open, and the one of archive control
 * ask the {@link ArchiveGate}; Aeron's suppliers are the public way to them.
 */
final class WakingChannels {
    private WakingChannels() {}

    static void install(
            MediaDriver.Context context,
            UdpChannelListener listener,
            ArchiveGate gate,
            int archivePort) {
        context.sendChannelEndpointSupplier(
                (udpChannel, status, ctx) ->
                        new SendChannelEndpoint(udpChannel, status, ctx) {
                            @Override
                            public void openChannel() {
                                super.openChannel();
                                listener.opened(receiveDatagramChannel());
                            }
                        });
        context.receiveChannelEndpointSupplier(
                (udpChannel, dispatcher, status, ctx) ->
                        new ReceiveChannelEndpoint(udpChannel, dispatcher, status, ctx) {
                            private final boolean archive =
                                    udpChannel.remoteData().getPort() == archivePort;

                            @Override
                            public int onDataPacket(
                                    DataHeaderFlyweight header,
                                    UnsafeBuffer buffer,
                                    int length,
                                    InetSocketAddress source,
                                    int transportIndex) {
                                return !archive || gate.passes(header, buffer, length, source)
                                        ? super.onDataPacket(
                                                header, buffer, length, source, transportIndex)
                                        : 0;
                            }

                            @Override
                            public void openChannel() {
                                super.openChannel();
                                if (receiveDatagramChannel() != null) {
                                    listener.opened(receiveDatagramChannel());
                                }
                            }
                        });
    }
}
