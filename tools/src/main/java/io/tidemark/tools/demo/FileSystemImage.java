package io.tidemark.tools.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** A real ext4 file system with real files of this host in it. */
final class FileSystemImage {
    static final long BYTES = 384L << 20;

    private static final long MAX_CONTENT_BYTES = 160L << 20;
    private static final long MAX_FILE_BYTES = 16L << 20;
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path file;
    private final Path staging;
    private int files;
    private long contentBytes;

    private FileSystemImage(final Path file, final Path staging) {
        this.file = file;
        this.staging = staging;
    }

    /** Makes the image in a folder. Documentation and Java's own files are what every host has. */
    static FileSystemImage make(final Path folder) throws IOException, InterruptedException {
        final FileSystemImage image =
                new FileSystemImage(folder.resolve("image.ext4"), folder.resolve("files"));
        for (final Path source :
                List.of(
                        Path.of("/usr/share/doc"),
                        Path.of(System.getProperty("java.home")),
                        Path.of("/usr/share"))) {
            image.stage(source);
        }
        try (FileChannel channel =
                FileChannel.open(
                        image.file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), BYTES - 1);
        }
        Programs.run(
                "mkfs.ext4", "-q", "-F", "-d", image.staging.toString(), image.file.toString());
        return image;
    }

    Path file() {
        return file;
    }

    int files() {
        return files;
    }

    long contentBytes() {
        return contentBytes;
    }

    /** SHA-256 of the first bytes of a file, as hexadecimal digits. */
    static String sha256(final Path file, final long bytes) throws IOException {
        final MessageDigest digest = newSha256();
        final ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK_BYTES);
        try (FileChannel channel = FileChannel.open(file)) {
            for (long position = 0; position < bytes; position += buffer.limit()) {
                buffer.clear().limit((int) Math.min(CHUNK_BYTES, bytes - position));
                if (channel.read(buffer, position) < 0) {
                    throw new IOException(file + " ends at " + position + " instead of " + bytes);
                }
                digest.update(buffer.flip());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private void stage(final Path source) throws IOException {
        if (!Files.isDirectory(source)) {
            return;
        }
        final Path target = staging.resolve(String.valueOf(source.getFileName()));
        Files.walkFileTree(
                source,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(
                            final Path path, final BasicFileAttributes attributes)
                            throws IOException {
                        if (contentBytes >= MAX_CONTENT_BYTES) {
                            return FileVisitResult.TERMINATE;
                        }
                        if (attributes.isRegularFile()
                                && attributes.size() <= MAX_FILE_BYTES
                                && Files.isReadable(path)) {
                            copy(path, target.resolve(source.relativize(path)), attributes.size());
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(final Path path, final IOException e) {
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private void copy(final Path from, final Path to, final long bytes) throws IOException {
        if (!Files.exists(to)) {
            Files.createDirectories(to.resolveSibling("").normalize());
            Files.copy(from, to);
            files++;
            contentBytes += bytes;
        }
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
