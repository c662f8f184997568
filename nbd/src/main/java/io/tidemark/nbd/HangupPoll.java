package io.tidemark.nbd;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.SocketChannel;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Asks Linux whether the peers of some sockets have closed them, however much is still unread. Java
 * shows an end only behind the last byte, so this is poll(2) with POLLRDHUP, never waiting. Takes
 * no memory per call. Needs native access and {@code --add-exports
 * java.base/sun.nio.ch=ALL-UNNAMED} for the descriptors' numbers. Data thread only.
 */
final class HangupPoll {
    /** The number of a socket that cannot be asked for. */
    static final int UNKNOWN = -1;

    private static final short POLLERR = 0x8;
    private static final short POLLHUP = 0x10;
    private static final short POLLRDHUP = 0x2000;
    private static final long POLLFD_BYTES = 8;
    private static final long EVENTS = 4;
    private static final long REVENTS = 6;

    private static final @Nullable MethodHandle POLL = poll();
    private static final @Nullable MethodHandle NUMBER = number();

    private final MemorySegment sockets;
    private final boolean works;
    private long calls;

    private HangupPoll(int capacity, boolean works) {
        this.works = works;
        // From the collector's arena: a server may be closed while its thread is still in a call.
        sockets = Arena.ofAuto().allocate(POLLFD_BYTES * capacity, Integer.BYTES);
    }

    /**
     * @param capacity most sockets asked for at a time
     */
    static HangupPoll open(int capacity) {
        return new HangupPoll(capacity, POLL != null && NUMBER != null);
    }

    /** One that knows nothing, as where the launcher lacks the flags. */
    static HangupPoll unavailable() {
        return new HangupPoll(1, false);
    }

    boolean works() {
        return works;
    }

    /** Number of system calls so far. */
    long calls() {
        return calls;
    }

    /** The descriptor's number, valid while the channel is open; {@link #UNKNOWN} without flags. */
    int number(SocketChannel channel) {
        if (!works || NUMBER == null) {
            return UNKNOWN;
        }
        try {
            return (int) NUMBER.invoke(channel);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    void put(int i, int number) {
        long at = i * POLLFD_BYTES;
        sockets.set(JAVA_INT, at, number);
        sockets.set(JAVA_SHORT, at + EVENTS, POLLRDHUP);
        sockets.set(JAVA_SHORT, at + REVENTS, (short) 0);
    }

    /** Asks for the first so many sockets put; false if the kernel did not say. */
    boolean ask(int count) {
        if (!works || POLL == null) {
            return false;
        }
        calls++;
        try {
            return (int) POLL.invokeExact(sockets, (long) count, 0) >= 0;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Whether the peer sends nothing more than what is unread. */
    boolean ended(int i) {
        int events = sockets.get(JAVA_SHORT, i * POLLFD_BYTES + REVENTS);
        return (events & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
    }

    @SuppressWarnings("restricted") // What this class is for; the launchers grant native access.
    private static @Nullable MethodHandle poll() {
        try {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("poll"),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
        } catch (IllegalCallerException
                | NoSuchElementException
                | UnsupportedOperationException e) {
            return null;
        }
    }

    private static @Nullable MethodHandle number() {
        try {
            return MethodHandles.lookup()
                    .findVirtual(
                            Class.forName("sun.nio.ch.SelChImpl"),
                            "getFDVal",
                            MethodType.methodType(int.class))
                    .asType(MethodType.methodType(int.class, SocketChannel.class));
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    private static IllegalStateException unexpected(Throwable cause) {
        return new IllegalStateException("a system call could not be made", cause);
    }
}
