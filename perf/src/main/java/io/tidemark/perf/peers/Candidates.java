package io.tidemark.perf.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything that can be compared.
 *
 * @param bin folder of Tidemark's launch scripts
 * @param folder where each candidate gets a folder of its own, all on one file system
 * @param tcp clients and children connect over TCP instead of unix sockets
 * @param sizeBytes of the device
 */
public record Candidates(Path bin, Path folder, boolean tcp, long sizeBytes) {
    public static final List<String> NAMES =
            List.of(
                    "tidemark-C",
                    "tidemark-B",
                    "tidemark-A",
                    "tidemark-C-secret",
                    "nbdkit",
                    "qemu-nbd",
                    "quorum");

    /** What is compared when nothing is asked for. */
    public static final List<String> DEFAULT = List.of("tidemark-C", "nbdkit", "quorum");

    /** The first program that a candidate needs and that is not installed, or an empty text. */
    public static String missing(String name) {
        List<String> programs =
                switch (name) {
                    case "nbdkit" -> List.of("nbdkit");
                    case "qemu-nbd" -> List.of("qemu-nbd");
                    case "quorum" -> List.of("qemu-nbd", "nbdkit");
                    default -> List.of();
                };
        return programs.stream()
                .filter(program -> Child.find(program).isEmpty())
                .findFirst()
                .orElse("");
    }

    /** Starts one; it is ready when this returns. */
    public Candidate start(String name) throws InterruptedException {
        Path own = folder.resolve(name);
        try {
            Files.createDirectories(own);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return switch (name) {
            case "tidemark-A", "tidemark-B", "tidemark-C" ->
                    TidemarkPair.start(
                            bin, name.substring(name.length() - 1), false, own, tcp, sizeBytes);
            case "tidemark-C-secret" -> TidemarkPair.start(bin, "C", true, own, tcp, sizeBytes);
            case "nbdkit" -> OtherServer.nbdkit(own, tcp, sizeBytes);
            case "qemu-nbd" -> OtherServer.qemuNbd(own, tcp, sizeBytes);
            case "quorum" -> OtherServer.quorum(own, tcp, sizeBytes);
            default ->
                    throw new PeerException(
                            "no candidate '" + name + "'. There are " + String.join(", ", NAMES));
        };
    }
}
