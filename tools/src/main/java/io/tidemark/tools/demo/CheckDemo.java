package io.tidemark.tools.demo;

import io.tidemark.tools.config.TidemarkConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Prepares a {@link CheckRun} in a fresh folder with free ports, so that it runs beside a demo or
 * another check, and cleans up after it. A failed run's folder is kept to look at.
 */
public final class CheckDemo {
    private static final List<String> PROGRAMS =
            List.of("qemu-img", "nbdcopy", "mkfs.ext4", "e2fsck");
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final long DISK_BYTES = 5L << 30;
    private static final int FIRST_TRIED_PORT = 21000;
    private static final int LAST_TRIED_PORT = 31000;
    private static final int TRIED_STEP = 211;

    private final Path bin;
    private final PrintWriter out;

    /**
     * Prepares a check.
     *
     * @param bin folder of the launch scripts
     * @param out where the report goes
     */
    public CheckDemo(final Path bin, final PrintWriter out) {
        this.bin = bin;
        this.out = out;
    }

    /**
     * Runs it.
     *
     * @param parent where the fresh folder is made, or the system's folder for temporary files
     * @param basePort first UDP port, 0 for any that are free
     * @param nbdPort first NBD port, 0 for any that are free
     * @throws DemoException when the check fails
     */
    public void run(final Path parent, final int basePort, final int nbdPort)
            throws IOException, InterruptedException {
        Preflight.programsExist(PROGRAMS);
        final DemoFiles files = new DemoFiles(freshFolder(parent));
        final TidemarkConfig config =
                files.prepare(
                        basePort == 0 ? freePorts() : basePort,
                        nbdPort == 0 ? freeNbdPorts() : nbdPort);
        Preflight.check(config, files.folder(), DISK_BYTES);
        out.println("check in " + files.folder());
        try {
            new CheckRun(files, config, bin, out).run();
        } catch (final DemoException | IOException e) {
            out.println("failed; the files are kept in " + files.folder());
            out.flush();
            throw e;
        }
        delete(files.folder());
        out.println("passed");
        out.flush();
    }

    private static Path freshFolder(final Path parent) throws IOException {
        Files.createDirectories(parent);
        return Files.createTempDirectory(parent, "tidemark-check-");
    }

    private static int freePorts() {
        for (int port = FIRST_TRIED_PORT; port < LAST_TRIED_PORT; port += TRIED_STEP) {
            if (isFree(port) && isFree(port + DemoFiles.NODE_PORT_STEP)) {
                return port;
            }
        }
        throw new DemoException("no free UDP ports found. Choose some with --base-port");
    }

    private static boolean isFree(final int port) {
        try (DatagramChannel probe = DatagramChannel.open()) {
            probe.bind(new InetSocketAddress(LOOPBACK, port));
            return true;
        } catch (final IOException e) {
            return false;
        }
    }

    private static int freeNbdPorts() {
        for (int port = FIRST_TRIED_PORT; port < LAST_TRIED_PORT; port += TRIED_STEP) {
            if (areFreeForNbd(port)) {
                return port;
            }
        }
        throw new DemoException("no free TCP ports found. Choose some with --nbd-port");
    }

    private static boolean areFreeForNbd(final int port) {
        try (ServerSocket first = new ServerSocket();
                ServerSocket second = new ServerSocket()) {
            first.bind(new InetSocketAddress(LOOPBACK, port));
            second.bind(new InetSocketAddress(LOOPBACK, port + 1));
            return true;
        } catch (final IOException e) {
            return false;
        }
    }

    private static void delete(final Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (final Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
