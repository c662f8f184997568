package io.tidemark.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel says of sockets whose peers have gone. */
class HangupPollTest {
    private final HangupPoll poll = HangupPoll.open(2);
    @TempDir Path directory;

    private boolean ended(SocketChannel channel) {
        poll.put(0, poll.number(channel));
        assertThat(poll.ask(1)).isTrue();
        return poll.ended(0);
    }

    private static void close(SocketChannel channel) throws IOException {
        channel.close();
    }

    private ServerSocketChannel tcp() throws IOException {
        SocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return ServerSocketChannel.open().bind(any);
    }

    private ServerSocketChannel unix() throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(directory.resolve("s")));
    }

    private void seesAnEndBehindUnreadBytes(ServerSocketChannel listening) throws IOException {
        try (listening;
                SocketChannel peer = SocketChannel.open(listening.getLocalAddress());
                SocketChannel channel = listening.accept()) {
            assertThat(ended(channel)).isFalse();
            peer.write(ByteBuffer.allocate(1000));
            assertThat(ended(channel)).as("bytes are no end").isFalse();
            close(peer);
            assertThat(ended(channel)).isTrue();
            assertThat(channel.read(ByteBuffer.allocate(1000))).isEqualTo(1000);
        }
    }

    @Test
    void seesTheEndOfATcpPeerBehindUnreadBytes() throws IOException {
        seesAnEndBehindUnreadBytes(tcp());
    }

    @Test
    void seesTheEndOfAUnixPeerBehindUnreadBytes() throws IOException {
        seesAnEndBehindUnreadBytes(unix());
    }

    @Test
    void seesAResetAndWhichOfTwoItWas() throws IOException {
        try (ServerSocketChannel listening = tcp();
                SocketChannel peer = SocketChannel.open(listening.getLocalAddress());
                SocketChannel channel = listening.accept();
                SocketChannel living = SocketChannel.open(listening.getLocalAddress());
                SocketChannel other = listening.accept()) {
            assertThat(living.isConnected()).isTrue();
            peer.setOption(StandardSocketOptions.SO_LINGER, 0);
            close(peer);
            poll.put(0, poll.number(other));
            poll.put(1, poll.number(channel));
            assertThat(poll.ask(2)).isTrue();
            assertThat(poll.ended(0)).isFalse();
            assertThat(poll.ended(1)).isTrue();
        }
    }

    @Test
    void askingTakesNoMemory() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (ServerSocketChannel listening = tcp();
                SocketChannel peer = SocketChannel.open(listening.getLocalAddress());
                SocketChannel channel = listening.accept()) {
            assertThat(peer.isConnected()).isTrue();
            int number = poll.number(channel);
            askOften(number);
            long before = threads.getCurrentThreadAllocatedBytes();
            askOften(number);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(allocated).as("heap bytes for 20,000 calls").isLessThan(20_000);
        }
    }

    private void askOften(int number) {
        for (int i = 0; i < 20_000; i++) {
            poll.put(0, number);
            poll.ask(1);
            poll.ended(0);
        }
    }

    @Test
    void withoutTheFlagsItKnowsNothing() {
        HangupPoll blind = HangupPoll.unavailable();
        assertThat(blind.works()).isFalse();
        assertThat(blind.ask(1)).isFalse();
    }
}
