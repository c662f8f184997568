package io.tidemark.journal.aeron;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.media.ReceiveChannelEndpoint;
import io.aeron.driver.media.SendChannelEndpoint;

/**
 * Makes the driver's channel endpoints report the sockets they open; Aeron's suppliers are the
 * public way to them.
 */
final class WakingChannels {
    private WakingChannels() {}

    static void install(MediaDriver.Context context, UdpChannelListener listener) {
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
