package io.tidemark.nbd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A server on a free loopback port whose data thread is the test's own: it moves only when the test
 * lets it, and its time only as the test says.
 */
final class TestServer implements AutoCloseable, Exports {
    /** How long a test waits for what must come, ns; only a broken server gets that far. */
    static final long PATIENCE_NS = 20_000_000_000L;

    final Selector selector;
    final NbdServer server;
    final List<Export> exports = new ArrayList<>();
    final MemoryDevice device;
    long nowNs = 1_000_000_000L;
    @Nullable String refusal;

    TestServer() throws IOException {
        this(8 << 20, config -> config);
    }

    TestServer(int size, UnaryOperator<NbdServerConfig> limits) throws IOException {
        this(size, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), limits);
    }

    TestServer(int size, SocketAddress listen, UnaryOperator<NbdServerConfig> limits)
            throws IOException {
        this(size, listen, limits, HangupPoll.open(256));
    }

    TestServer(
            int size,
            SocketAddress listen,
            UnaryOperator<NbdServerConfig> limits,
            HangupPoll hangups)
            throws IOException {
        selector = Selector.open();
        device = new MemoryDevice(size);
        exports.add(new TestExport("r0/0", "the only volume of r0", device));
        NbdServerConfig config = limits.apply(NbdServerConfig.defaults(List.of(listen)));
        server = new NbdServer(config, this, selector, () -> nowNs, hangups);
        server.open();
    }

    @Override
    public @Nullable Export find(String name) {
        String canonical = name.isEmpty() || name.equals("r0") ? "r0/0" : name;
        return exports.stream().filter(e -> e.name().equals(canonical)).findFirst().orElse(null);
    }

    @Override
    public List<Export> all() {
        return exports;
    }

    SocketAddress address() {
        return server.addresses().getFirst();
    }

    TestClient connect() throws IOException {
        return new TestClient(this);
    }

    /** Runs duty cycles until the condition holds. */
    void until(String what, BooleanSupplier condition) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited in vain: " + what);
            }
            cycle();
        }
    }

    /** One duty cycle; an idle one waits in the selector first, as the node does. */
    void cycle() throws IOException {
        if (server.doWork() == 0) {
            selector.select(1);
        }
    }

    /** So many duty cycles, whether anything moves or not. */
    void cycles(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            cycle();
        }
    }

    /** Duty cycles until nothing moves any more. */
    void settle() throws IOException {
        int idle = 0;
        while (idle < 3) {
            if (server.doWork() == 0) {
                idle++;
                selector.select(1);
            } else {
                idle = 0;
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        selector.close();
    }

    /** An export over any device; refused when the server is told to refuse. */
    final class TestExport implements Export {
        private final String name;
        private final String description;
        private final BlockDevice device;

        TestExport(String name, String description, BlockDevice device) {
            this.name = name;
            this.description = description;
            this.device = device;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String description() {
            return description;
        }

        @Override
        public BlockDevice device() {
            return device;
        }

        @Override
        public @Nullable String refusal() {
            return refusal;
        }
    }
}
