package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A file system of its own, mounted where a node's directory is to be, and a ballast file in it
 * that takes what is to be taken. Needs root and a kernel that lets it mount; without them the test
 * is skipped.
 */
final class SmallDisk implements AutoCloseable {
    private static final int MIB = 1 << 20;

    private final Path mounted;
    private final Path ballast;

    private SmallDisk(Path mounted) {
        this.mounted = mounted;
        this.ballast = mounted.resolve("ballast");
    }

    /** An ext4 in a file beside the mount point, through a loop device. */
    static SmallDisk ext4(Path mountPoint, int mebibytes) throws IOException {
        Path image = mountPoint.resolveSibling(mountPoint.getFileName() + ".disk");
        try (var file =
                Files.newByteChannel(
                        image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            file.position((long) mebibytes * MIB - 1).write(java.nio.ByteBuffer.allocate(1));
        }
        Files.createDirectories(mountPoint);
        assumeTrue(
                run("mkfs.ext4", "-q", "-F", "-m", "0", "-J", "size=4", image.toString()) == 0
                        && run("mount", "-o", "loop", image.toString(), mountPoint.toString()) == 0,
                "skipped: no root, no loop device or no mkfs.ext4 to make a small disk");
        return new SmallDisk(mountPoint);
    }

    static SmallDisk tmpfs(Path mountPoint, int mebibytes) throws IOException {
        Files.createDirectories(mountPoint);
        assumeTrue(
                run(
                                "mount",
                                "-t",
                                "tmpfs",
                                "-o",
                                "size=" + mebibytes + "m",
                                "tmpfs",
                                mountPoint.toString())
                        == 0,
                "skipped: no root to mount a tmpfs");
        return new SmallDisk(mountPoint);
    }

    /** Takes space until only so much is left. */
    SmallDisk leave(int mebibytes) throws IOException {
        long free = Files.getFileStore(mounted).getUsableSpace();
        long size = (Files.exists(ballast) ? Files.size(ballast) : 0) + free;
        long more = size - (long) mebibytes * MIB;
        assertThat(run("fallocate", "-l", Long.toString(more), ballast.toString())).isZero();
        return this;
    }

    /** Takes whatever there is, to the last block. */
    SmallDisk fill() throws IOException {
        try (var file =
                Files.newByteChannel(
                        mounted.resolve("filler"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND)) {
            for (int size = MIB; size >= 512; size /= 2) {
                fillWith(file, size);
            }
        }
        return this;
    }

    private static void fillWith(java.nio.channels.WritableByteChannel file, int size) {
        try {
            while (file.write(java.nio.ByteBuffer.allocate(size)) > 0) {}
        } catch (IOException e) {
            // No space left: what was wanted.
            assertThat(e.getMessage()).contains("No space left");
        }
    }

    /** Space returns. */
    void free() throws IOException {
        Files.deleteIfExists(mounted.resolve("filler"));
        Files.deleteIfExists(ballast);
    }

    /** Also while a node still has files open there. */
    @Override
    public void close() throws IOException {
        run("umount", "-l", mounted.toString());
    }

    private static int run(String... command) throws IOException {
        try {
            return new ProcessBuilder(List.of(command)).inheritIO().start().waitFor();
        } catch (IOException e) {
            return -1; // No such program.
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
