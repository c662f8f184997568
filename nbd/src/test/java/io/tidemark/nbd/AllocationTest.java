package io.tidemark.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** A write-back of the kernel must not wait for memory: the data path takes none from the heap. */
class AllocationTest {
    private static final int BLOCK = 65_536;

    /** Takes everything, at once and without a trace, so that only the server is measured. */
    private static final class SilentDevice implements BlockDevice {
        @Override
        public long sizeBytes() {
            return 1 << 20;
        }

        @Override
        public boolean readOnly() {
            return false;
        }

        @Override
        public boolean submit(DeviceRequest request) {
            request.complete(NbdErrors.NONE);
            return true;
        }
    }

    @Test
    void theDataPathAllocatesNothing() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (TestServer server = new TestServer()) {
            server.exports.add(server.new TestExport("silent", "", new SilentDevice()));
            try (TestClient client = server.connect().greet()) {
                client.option(1, TestClient.ascii("silent"));
                client.receive(10);
                ByteBuffer requests = requests();
                ByteBuffer replies = ByteBuffer.allocateDirect(3 * 16 + BLOCK);
                exchange(server, client, requests, replies, 3000);
                long before = threads.getCurrentThreadAllocatedBytes();
                exchange(server, client, requests, replies, 3000);
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                assertThat(allocated).as("heap bytes for 9,000 requests").isLessThan(20_000);
            }
        }
    }

    private static ByteBuffer requests() {
        String range = TestClient.u64(4096) + TestClient.u32(BLOCK);
        ByteBuffer requests = ByteBuffer.allocateDirect(3 * 28 + BLOCK);
        requests.put(TestClient.hex("2560951300000001" + TestClient.u64(1) + range));
        requests.position(requests.position() + BLOCK);
        requests.put(TestClient.hex("2560951300000000" + TestClient.u64(2) + range));
        requests.put(TestClient.hex("2560951300000003" + "00".repeat(20)));
        return requests;
    }

    private static void exchange(
            TestServer server,
            TestClient client,
            ByteBuffer requests,
            ByteBuffer replies,
            int count)
            throws IOException {
        for (int i = 0; i < count; i++) {
            requests.clear();
            replies.clear();
            while (requests.hasRemaining() || replies.hasRemaining()) {
                if (requests.hasRemaining()) {
                    client.channel.write(requests);
                }
                server.server.doWork();
                client.channel.read(replies);
            }
        }
    }
}
