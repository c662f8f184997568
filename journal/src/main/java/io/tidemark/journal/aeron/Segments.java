package io.tidemark.journal.aeron;

import io.tidemark.journal.DurableFolders;
import io.tidemark.journal.log.PageReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The segment files of an archive's directory by what their names say. Nothing in it is ever
 * deleted unless it is empty: a file that is in the way is moved aside.
 *
 * <p>Stateless; blocks.
 */
final class Segments {
    private static final System.Logger LOG = System.getLogger(Segments.class.getName());
    private static final String SUFFIX = ".rec";
    private static final String ASIDE = "set-aside";

    private Segments() {}

    /** Files of a recording by base position. */
    static NavigableMap<Long, Path> of(Path directory, long recordingId) throws IOException {
        NavigableMap<Long, Path> segments = new TreeMap<>();
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(directory, recordingId + "-*" + SUFFIX)) {
            for (Path file : files) {
                long base = number(file, recordingId + "-");
                if (base >= 0) {
                    segments.put(base, file);
                }
            }
        }
        return segments;
    }

    /** Ids of the recordings that have files. */
    static List<Long> recordings(Path directory) throws IOException {
        List<Long> ids = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*-*" + SUFFIX)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String id = name.substring(0, name.indexOf('-'));
                if (id.matches("\\d{1,18}") && !ids.contains(Long.valueOf(id))) {
                    ids.add(Long.valueOf(id));
                }
            }
        }
        return ids;
    }

    private static long number(Path file, String prefix) {
        String name = file.getFileName().toString();
        String digits = name.substring(prefix.length(), name.length() - SUFFIX.length());
        return digits.matches("\\d{1,18}") ? Long.parseLong(digits) : -1;
    }

    /**
     * Makes a segment as long as the archive insists on, durably; creates it if need be. A node may
     * have been killed between creating it and giving it its length. Takes no block, for the disk
     * may be full.
     */
    static void giveLength(Path segment, int length) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            if (file.length() < length) {
                file.setLength(length);
                file.getChannel().force(true);
            }
        }
    }

    /** Whether there is nothing but zeroes in a file, which cannot be said if it is unreadable. */
    static boolean blank(Path file) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(1 << 20);
        ByteBuffer zeroes = ByteBuffer.allocate(chunk.capacity());
        try (FileChannel channel = FileChannel.open(file)) {
            long at = 0;
            PageReader pages = new PageReader();
            boolean readable = true;
            while (readable && at < channel.size()) {
                readable = pages.read(channel, at, chunk.clear()) < 0;
                at += chunk.flip().limit();
                if (chunk.mismatch(zeroes.clear().limit(chunk.limit())) >= 0) {
                    return false;
                }
            }
            return readable;
        }
    }

    /** Takes a file out of the journal: deletes it if it is blank, keeps it elsewhere if not. */
    static void remove(Path file, String why) throws IOException {
        if (blank(file)) {
            Files.delete(file);
            return;
        }
        Path aside = file.resolveSibling(ASIDE);
        DurableFolders.create(aside);
        Path kept = aside.resolve(file.getFileName() + "." + System.currentTimeMillis());
        Files.move(file, kept);
        DurableFolders.sync(aside);
        LOG.log(
                System.Logger.Level.WARNING,
                "segment {0} {1}: moved to {2}, where nothing uses it any more",
                file,
                why,
                kept);
    }
}
