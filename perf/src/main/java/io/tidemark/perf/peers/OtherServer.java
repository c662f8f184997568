package io.tidemark.perf.peers;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server of somebody else's, of one process or with a remote child of its own. */
final class OtherServer implements Candidate {
    private final String name;
    private final String description;
    private final Endpoint endpoint;
    private final List<Child> processes = new ArrayList<>();
    private final List<Path> copies;

    private OtherServer(String name, String description, Endpoint endpoint, List<Path> copies) {
        this.name = name;
        this.description = description;
        this.endpoint = endpoint;
        this.copies = copies;
    }

    static Candidate nbdkit(Path folder, boolean tcp, long sizeBytes) throws InterruptedException {
        Path file = sparse(folder.resolve("disk.img"), sizeBytes);
        OtherServer server =
                new OtherServer(
                        "nbdkit",
                        "nbdkit file, not replicated",
                        endpoint(folder, "s", tcp),
                        List.of(file));
        return server.with(server.endpoint, "nbdkit", folder, nbdkit(server.endpoint, file));
    }

    static Candidate qemuNbd(Path folder, boolean tcp, long sizeBytes) throws InterruptedException {
        Path file = sparse(folder.resolve("disk.img"), sizeBytes);
        OtherServer server =
                new OtherServer(
                        "qemu-nbd",
                        "qemu-nbd of a raw file, cache=writeback, aio=threads, not replicated",
                        endpoint(folder, "s", tcp),
                        List.of(file));
        return server.with(
                server.endpoint,
                "qemu-nbd",
                folder,
                qemu(server.endpoint, "driver=raw,file.driver=file,file.filename=" + file));
    }

    /**
     * Both children must succeed for a write (threshold 2, and QEMU waits for all of them in any
     * case); reads go to the first child only (read-pattern fifo), which is what a mirror would do
     * and the faster of the two ways.
     */
    static Candidate quorum(Path folder, boolean tcp, long sizeBytes) throws InterruptedException {
        Path local = sparse(folder.resolve("local.img"), sizeBytes);
        Path remote = sparse(folder.resolve("remote.img"), sizeBytes);
        Endpoint link = endpoint(folder, "r", tcp);
        OtherServer server =
                new OtherServer(
                        "quorum",
                        "qemu-nbd of a quorum (threshold 2, reads fifo) of a raw file and nbdkit file over "
                                + (tcp ? "TCP" : "a unix socket"),
                        endpoint(folder, "s", tcp),
                        List.of(local, remote));
        server.with(link, "remote", folder, nbdkit(link, remote));
        String remoteServer =
                switch (link) {
                    case Endpoint.Tcp t ->
                            "children.1.file.server.type=inet,children.1.file.server.host=127.0.0.1,"
                                    + "children.1.file.server.port="
                                    + t.port();
                    case Endpoint.Unix u ->
                            "children.1.file.server.type=unix,children.1.file.server.path="
                                    + u.path();
                };
        return server.with(
                server.endpoint,
                "quorum",
                folder,
                qemu(
                        server.endpoint,
                        "driver=quorum,vote-threshold=2,read-pattern=fifo"
                                + ",children.0.driver=raw,children.0.file.driver=file,children.0.file.filename="
                                + local
                                + ",children.1.driver=raw,children.1.file.driver=nbd,"
                                + remoteServer));
    }

    private static List<String> nbdkit(Endpoint endpoint, Path file) {
        List<String> command = new ArrayList<>(List.of("nbdkit", "-f"));
        switch (endpoint) {
            case Endpoint.Tcp tcp ->
                    command.addAll(List.of("-i", "127.0.0.1", "-p", Integer.toString(tcp.port())));
            case Endpoint.Unix unix -> command.addAll(List.of("-U", unix.path().toString()));
        }
        command.addAll(List.of("file", file.toString()));
        return command;
    }

    private static List<String> qemu(Endpoint endpoint, String image) {
        List<String> command =
                new ArrayList<>(List.of("qemu-nbd", "-t", "-e", "16", "--cache=writeback"));
        switch (endpoint) {
            case Endpoint.Tcp tcp ->
                    command.addAll(List.of("-b", "127.0.0.1", "-p", Integer.toString(tcp.port())));
            case Endpoint.Unix unix -> command.addAll(List.of("-k", unix.path().toString()));
        }
        command.addAll(List.of("--image-opts", image));
        return command;
    }

    private static Endpoint endpoint(Path folder, String name, boolean tcp) {
        return tcp
                ? new Endpoint.Tcp(new FreePorts().tcp())
                : new Endpoint.Unix(folder.resolve(name + ".sock"));
    }

    private static Path sparse(Path file, long sizeBytes) {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(sizeBytes);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private OtherServer with(Endpoint at, String process, Path folder, List<String> command)
            throws InterruptedException {
        Child child = Child.start(process, folder, command);
        processes.add(child);
        try {
            child.await("its socket", at::isOpen);
        } catch (PeerException e) {
            close();
            throw e;
        }
        return this;
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
    public SocketAddress address() {
        return endpoint.address();
    }

    @Override
    public String export() {
        return "";
    }

    @Override
    public List<Child> processes() {
        return processes;
    }

    @Override
    public List<Path> copies() {
        return copies;
    }

    @Override
    public void close() {
        processes.reversed().forEach(Child::close);
    }
}
