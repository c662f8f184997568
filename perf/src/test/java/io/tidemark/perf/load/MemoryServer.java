package io.tidemark.perf.load;

import io.tidemark.nbd.BlockDevice;
import io.tidemark.nbd.Command;
import io.tidemark.nbd.DeviceRequest;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.Exports;
import io.tidemark.nbd.NbdErrors;
import io.tidemark.nbd.NbdServer;
import io.tidemark.nbd.NbdServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.Selector;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The real server with a thread of its own, before a device in memory that can be told to lose
 * writes.
 */
final class MemoryServer implements Exports, Export, BlockDevice {
    final AtomicInteger flushes = new AtomicInteger();
    final AtomicInteger fuas = new AtomicInteger();

    /** Number of the write that is answered but not done; 0 for none. */
    final AtomicInteger loseWrite = new AtomicInteger();

    private final byte[] content;
    private final Selector selector;
    private final NbdServer server;
    private final Thread thread;
    private volatile boolean running = true;

    MemoryServer(int size) throws IOException {
        content = new byte[size];
        selector = Selector.open();
        server =
                new NbdServer(
                        NbdServerConfig.defaults(
                                List.of(
                                        new InetSocketAddress(
                                                InetAddress.getLoopbackAddress(), 0))),
                        this,
                        selector,
                        System::nanoTime);
        server.open();
        thread = Thread.ofPlatform().name("memory-server").start(this::serve);
    }

    private void serve() {
        try {
            while (running) {
                if (server.doWork() == 0) {
                    selector.select(50);
                }
            }
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    SocketAddress address() {
        return server.addresses().getFirst();
    }

    @Override
    public boolean submit(DeviceRequest request) {
        int at = (int) request.offset();
        if (request.command() == Command.READ) {
            request.target().put(content, at, (int) request.length());
        } else if (request.command() == Command.FLUSH) {
            flushes.incrementAndGet();
        } else if (request.command() == Command.WRITE) {
            if (request.fua()) {
                fuas.incrementAndGet();
            }
            if (loseWrite.getAndDecrement() != 1) {
                write(request, at);
            }
        }
        request.complete(NbdErrors.NONE);
        return true;
    }

    private void write(DeviceRequest request, int offset) {
        int at = offset;
        for (int i = 0; i < request.payloadCount(); i++) {
            request.payload(i)
                    .getBytes(request.payloadOffset(i), content, at, request.payloadLength(i));
            at += request.payloadLength(i);
        }
    }

    @Override
    public @Nullable Export find(String name) {
        return this;
    }

    @Override
    public List<Export> all() {
        return List.of(this);
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public String description() {
        return "";
    }

    @Override
    public BlockDevice device() {
        return this;
    }

    @Override
    public @Nullable String refusal() {
        return null;
    }

    @Override
    public long sizeBytes() {
        return content.length;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    void close() throws InterruptedException, IOException {
        running = false;
        selector.wakeup();
        thread.join();
        selector.close();
    }
}
