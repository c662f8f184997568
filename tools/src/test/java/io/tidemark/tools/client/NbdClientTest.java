package io.tidemark.tools.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.tools.FakeNbdServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NbdClientTest {
    private static final int SIZE = 1 << 20;

    @TempDir private Path folder;

    @Test
    void whatIsWrittenIsReadAgain() throws Exception {
        try (FakeNbdServer server = start();
                NbdClient client = NbdClient.connect(server.address(), "r0")) {
            assertThat(client.sizeBytes()).isEqualTo(SIZE);
            client.write(4096, ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), true);
            client.flush();
            client.writeZeroes(4097, 1);
            client.trim(4098, 1);

            final ByteBuffer read = ByteBuffer.allocate(4);
            client.read(4096, read);
            assertThat(read.array()).containsExactly(1, 0, 0, 4);
        }
    }

    @Test
    void anErrorReplyLeavesTheConnectionUsable() throws Exception {
        try (FakeNbdServer server = start();
                NbdClient client = NbdClient.connect(server.address(), "r0")) {
            assertThatThrownBy(() -> client.write(SIZE, ByteBuffer.allocate(1), false))
                    .isInstanceOfSatisfying(
                            NbdException.class, e -> assertThat(e.errno()).isEqualTo(28));
            client.read(0, ByteBuffer.allocate(1));
        }
    }

    @Test
    void anUnknownExportIsRefused() throws Exception {
        try (FakeNbdServer server = start()) {
            assertThatThrownBy(() -> NbdClient.connect(server.address(), "moon"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("refuses the export 'moon'");
        }
    }

    private FakeNbdServer start() throws IOException {
        return FakeNbdServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                folder.resolve("r0.img"),
                SIZE);
    }
}
