package io.tidemark.perf.peers;

import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.List;

/** A running server under comparison. Closing it stops all its processes. */
public interface Candidate extends AutoCloseable {
    /** As in the option {@code --candidates}. */
    String name();

    /** How it is configured, one line. */
    String description();

    SocketAddress address();

    String export();

    /** All processes that serve it, replicas and remote children included. */
    List<Child> processes();

    /** Files that hold the same content once it has been closed. */
    List<Path> copies();

    /** Stops it cleanly. */
    @Override
    void close();
}
