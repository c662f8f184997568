package io.tidemark.perf.load;

import io.tidemark.tools.client.NbdClient;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** Reads a device back after the load and compares every byte with the ledger. */
public final class Verifier {
    private static final int CHUNK_BYTES = 1 << 20;

    private Verifier() {}

    /**
     * Reads everything that the ledger knows.
     *
     * @throws LoadException at the first byte that is not what was last written there
     */
    public static void verify(SocketAddress server, String export, Ledger ledger)
            throws IOException {
        ByteBuffer expected = ByteBuffer.allocateDirect(CHUNK_BYTES);
        ByteBuffer actual = ByteBuffer.allocateDirect(CHUNK_BYTES);
        try (NbdClient client = NbdClient.connect(server, export)) {
            for (long offset = 0; offset < ledger.areaBytes(); offset += CHUNK_BYTES) {
                client.read(offset, actual.clear());
                ledger.expect(expected.clear(), offset);
                int difference = actual.flip().mismatch(expected.flip());
                if (difference >= 0) {
                    throw new LoadException("wrong content at offset " + (offset + difference));
                }
            }
        }
    }
}
