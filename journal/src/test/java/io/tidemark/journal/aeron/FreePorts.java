package io.tidemark.journal.aeron;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.CloseHelper;

/** UDP ports for a node of a test, so that two builds on one host do not meet. */
final class FreePorts {
    private static final int FIRST = 20_000;
    private static final int LAST = 30_000;
    private static final int TRIES = 100;

    private FreePorts() {}

    /** The first of four consecutive ports of loopback that nobody used a moment ago. */
    static int block() {
        for (int i = 0; i < TRIES; i++) {
            int first = ThreadLocalRandom.current().nextInt(FIRST / 4, LAST / 4) * 4;
            List<DatagramSocket> held = new ArrayList<>();
            try {
                for (int port = first; port < first + 4; port++) {
                    held.add(
                            new DatagramSocket(
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
                }
                return first;
            } catch (IOException e) {
                // One of them is taken: another block.
            } finally {
                CloseHelper.closeAll(held);
            }
        }
        throw new AssertionError("no four free ports from " + FIRST + " to " + LAST);
    }
}
