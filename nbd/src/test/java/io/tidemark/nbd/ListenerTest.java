package io.tidemark.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListenerTest {
    @TempDir private Path folder;

    private TestServer listen(SocketAddress address) throws IOException {
        return new TestServer(4096, address, config -> config);
    }

    private static void expectServed(TestServer server) throws IOException {
        try (TestClient client = server.connect().go()) {
            client.write(1, 0, new byte[4096]);
            client.expectReply(1, NbdErrors.NONE);
        }
    }

    @Test
    void aUnixSocketServesAndGoesWithTheServer() throws IOException {
        Path path = folder.resolve("nbd.sock");
        try (TestServer server = listen(NbdAddress.parse("unix:" + path))) {
            assertThat(path).exists();
            expectServed(server);
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void aStaleSocketFileIsReplaced() throws IOException {
        Path path = folder.resolve("nbd.sock");
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(address);
        }
        assertThat(path).exists();
        try (TestServer server = listen(address)) {
            expectServed(server);
        }
    }

    @Test
    void aSocketFileThatIsAnsweredIsLeftAlone() throws IOException {
        Path path = folder.resolve("nbd.sock");
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        try (TestServer server = listen(address)) {
            assertThatThrownBy(() -> listen(address).close())
                    .isInstanceOfSatisfying(
                            NbdException.class,
                            e -> assertThat(e.code()).isEqualTo(NbdException.Code.ADDRESS_IN_USE))
                    .hasMessageContaining("unix:" + path);
            expectServed(server);
        }
    }

    @Test
    void aFileThatIsNoSocketIsLeftAlone() throws IOException {
        Path path = Files.writeString(folder.resolve("notes"), "precious");
        assertThatThrownBy(() -> listen(UnixDomainSocketAddress.of(path)).close())
                .isInstanceOfSatisfying(
                        NbdException.class,
                        e -> assertThat(e.code()).isEqualTo(NbdException.Code.ADDRESS_UNUSABLE));
        assertThat(path).hasContent("precious");
    }

    @Test
    void aTakenPortIsRefusedWithAddressAndRemedy() throws IOException {
        try (TestServer server = listen(NbdAddress.parse("127.0.0.1:0"))) {
            int port = ((InetSocketAddress) server.address()).getPort();
            assertThatThrownBy(() -> listen(server.address()).close())
                    .isInstanceOfSatisfying(
                            NbdException.class,
                            e -> assertThat(e.code()).isEqualTo(NbdException.Code.ADDRESS_IN_USE))
                    .hasMessageContaining("127.0.0.1:" + port)
                    .hasMessageContaining("ss -ltnp");
            expectServed(server);
        }
    }

    @Test
    void anAddressOfAnotherHostIsRefused() {
        assertThatThrownBy(() -> listen(NbdAddress.parse("192.0.2.1:10809")).close())
                .isInstanceOfSatisfying(
                        NbdException.class,
                        e -> assertThat(e.code()).isEqualTo(NbdException.Code.ADDRESS_UNUSABLE));
    }

    @Test
    void foreignSocketsInTheSelectorAreLeftAloneAndDoNotKeepItAwake() throws IOException {
        try (TestServer server = listen(NbdAddress.parse("127.0.0.1:0"));
                DatagramChannel foreign = DatagramChannel.open();
                DatagramChannel sender = DatagramChannel.open()) {
            foreign.bind(NbdAddress.parse("127.0.0.1:0")).configureBlocking(false);
            foreign.register(server.selector, SelectionKey.OP_READ, "not yours");
            sender.send(java.nio.ByteBuffer.allocate(1), foreign.getLocalAddress());
            server.until("the packet is there", () -> selected(server) > 0);
            server.server.doWork();
            assertThat(server.selector.selectedKeys()).isEmpty();
            expectServed(server);
        }
    }

    private static int selected(TestServer server) {
        try {
            return server.selector.select(1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
