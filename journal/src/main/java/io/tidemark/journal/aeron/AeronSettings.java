package io.tidemark.journal.aeron;

import io.tidemark.journal.JournalException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the embedded Aeron of one node needs to know.
 *
 * @param node name of the node, for thread and counter labels
 * @param address IP address or host name the node binds to
 * @param port first of four UDP ports: control stream, archive control, replication data, archive
 *     responses
 * @param archiveDirectory where segments and catalog live
 * @param driverDirectory memory-mapped buffers, in /dev/shm where there is one
 * @param segmentLength bytes per segment file of a log that begins on this node
 * @param socketBufferBytes receive buffer asked of the kernel; windows follow what it grants
 */
public record AeronSettings(
        String node,
        String address,
        int port,
        Path archiveDirectory,
        Path driverDirectory,
        int segmentLength,
        int socketBufferBytes) {

    /** Stream of control messages between nodes. */
    public static final int PEER_STREAM_ID = 1;

    /** Stream of archive control requests over UDP. */
    public static final int ARCHIVE_CONTROL_STREAM_ID = 10;

    /**
     * Bytes per term of a log. Three terms per publication and image are mapped in the driver
     * directory.
     */
    public static final int LOG_TERM_LENGTH = 8 * 1024 * 1024;

    /** Bytes per segment file of a journal, unless told otherwise. */
    public static final int DEFAULT_SEGMENT_LENGTH = 128 * 1024 * 1024;

    /** Most bytes of a log that the archive records each time it is driven. */
    public static final int MOST_RECORDED = 1024 * 1024;

    public static final int DEFAULT_SOCKET_BUFFER = 4 * 1024 * 1024;

    private static final int MAX_WINDOW = 2 * 1024 * 1024;
    private static final int MIN_SOCKET_BUFFER = 128 * 1024;

    public AeronSettings {
        if (port < 1 || port > 65_535 - 3) {
            throw new IllegalArgumentException("port " + port + " leaves no room for four ports");
        }
        if (segmentLength < LOG_TERM_LENGTH || Integer.bitCount(segmentLength) != 1) {
            throw new IllegalArgumentException(
                    "segments hold whole terms and are powers of two, not " + segmentLength);
        }
    }

    /**
     * Directory of the driver's mapped files for a node directory: memory if the host has /dev/shm.
     */
    public static Path driverDirectory(String node, Path nodeDirectory) {
        String key = Integer.toHexString(nodeDirectory.toAbsolutePath().normalize().hashCode());
        Path shm = Path.of("/dev/shm");
        return Files.isWritable(shm)
                ? shm.resolve("tidemark-" + node + "-" + key)
                : nodeDirectory.resolve("aeron");
    }

    public String peerChannel() {
        return "aeron:udp?endpoint=" + address + ":" + port;
    }

    /** Where peers reach this node's archive. */
    public String archiveControlChannel() {
        return archiveControlChannel(address, port);
    }

    int archivePort() {
        return port + 1;
    }

    public static String archiveControlChannel(String address, int port) {
        return "aeron:udp?endpoint=" + address + ":" + (port + 1) + "|term-length=64k|mtu=1408";
    }

    String replicationChannel() {
        return "aeron:udp?endpoint=" + address + ":" + (port + 2);
    }

    String archiveResponseChannel() {
        return "aeron:udp?endpoint=" + address + ":" + (port + 3) + "|term-length=64k|mtu=1408";
    }

    /**
     * Asks the kernel for the receive and send buffers and returns what it grants, the smaller of
     * both, in bytes. A window beyond it would lose datagrams for ever and never recover.
     */
    int grantedSocketBuffer() {
        try (DatagramChannel probe = DatagramChannel.open()) {
            probe.setOption(StandardSocketOptions.SO_RCVBUF, socketBufferBytes);
            probe.setOption(StandardSocketOptions.SO_SNDBUF, socketBufferBytes);
            int granted =
                    Math.min(
                            socketBufferBytes,
                            Math.min(
                                    probe.getOption(StandardSocketOptions.SO_RCVBUF),
                                    probe.getOption(StandardSocketOptions.SO_SNDBUF)));
            if (granted < MIN_SOCKET_BUFFER) {
                throw new JournalException(
                        JournalException.Code.HOST,
                        "the kernel grants UDP sockets only "
                                + granted
                                + " bytes of buffer, "
                                + MIN_SOCKET_BUFFER
                                + " are needed: sysctl -w net.core.rmem_max=4194304 net.core.wmem_max=4194304");
            }
            return granted;
        } catch (IOException e) {
            throw new JournalException(
                    JournalException.Code.HOST, "cannot open a UDP socket: " + e.getMessage(), e);
        }
    }

    /**
     * Flow-control window in bytes for a granted socket buffer: half of it, since the kernel counts
     * its own overhead.
     */
    static int window(int grantedSocketBuffer) {
        return Math.min(MAX_WINDOW, grantedSocketBuffer / 2) & ~31;
    }
}
