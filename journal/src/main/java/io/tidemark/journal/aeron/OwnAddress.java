package io.tidemark.journal.aeron;

import io.aeron.driver.media.PortManager;
import io.aeron.driver.media.UdpChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Binds the sockets that the driver sends from to the node's own address. Aeron would bind them to
 * all addresses of the host, and listens for status messages on them.
 */
final class OwnAddress implements PortManager {
    private final InetAddress own;

    OwnAddress(String address) throws UnknownHostException {
        own = InetAddress.getByName(address);
    }

    @Override
    public InetSocketAddress getManagedPort(UdpChannel channel, InetSocketAddress bindAddress) {
        InetAddress asked = bindAddress.getAddress();
        return asked != null && asked.isAnyLocalAddress() && asked.getClass() == own.getClass()
                ? new InetSocketAddress(own, bindAddress.getPort())
                : bindAddress;
    }

    @Override
    public void freeManagedPort(InetSocketAddress bindAddress) {
        // The system chooses the ports.
    }
}
