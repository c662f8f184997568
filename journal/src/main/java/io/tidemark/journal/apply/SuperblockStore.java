package io.tidemark.journal.apply;

import static io.tidemark.journal.apply.SuperblockException.Code.DAMAGED;
import static io.tidemark.journal.apply.SuperblockException.Code.IO;
import static io.tidemark.journal.apply.SuperblockException.Code.NEWER_VERSION;
import static io.tidemark.journal.apply.SuperblockException.Code.TOO_LARGE;

import io.tidemark.journal.DurableFolders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The superblock's file: two slots, of which the newer valid one counts. A store overwrites the
 * older one and syncs, so a crash in the middle leaves what was there before. The file appears,
 * complete and with both slots valid, by a rename; from then on one slot that is not valid is a
 * store that a crash cut off (nothing can depend on it yet) and the next store mends it. With
 * neither valid the file is refused: what it said must not be guessed.
 *
 * <p>After a failed write or sync nothing is stored any more: a later sync could succeed over lost
 * pages.
 *
 * <p>Several threads change different parts (the applier its positions, the data thread epochs and
 * the in-sync set), so calls are serialised and {@link #update} changes what is stored, not what a
 * caller remembers. A call blocks for a sync.
 */
public final class SuperblockStore implements AutoCloseable {
    private static final int SLOTS = 2;

    private final Path file;
    private @Nullable FileChannel channel;
    private @Nullable Superblock current;
    private long generation;
    private int newerSlot;
    private long inode;
    private boolean copied;
    private @Nullable String mended;
    private @Nullable SuperblockException failure;

    /** Nothing is read or written yet. */
    public SuperblockStore(Path file) {
        this.file = file;
    }

    /**
     * Reads what was stored last; empty if there is no file.
     *
     * @throws SuperblockException no slot is valid, or the version is a newer one
     */
    public synchronized Optional<Superblock> load() {
        checkNotFailed();
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        try {
            open();
            SuperblockSlot.Content[] slots = {read(0), read(1)};
            newerSlot = newer(slots);
            mended =
                    slots[1 - newerSlot] instanceof SuperblockSlot.Invalid other
                            ? "slot " + (1 - newerSlot) + " holds " + other.reason()
                            : null;
            SuperblockSlot.Valid valid = (SuperblockSlot.Valid) slots[newerSlot];
            generation = valid.generation();
            copied = valid.fileInode() != SuperblockCodec.NO_INODE && valid.fileInode() != inode;
            current = valid.superblock();
            return Optional.of(valid.superblock());
        } catch (IOException e) {
            throw new SuperblockException(IO, file, "cannot be read (" + e + ")", e);
        }
    }

    /**
     * What was wrong with the slot that did not count at {@link #load}; the next store overwrites
     * it. Empty if both were right.
     */
    public synchronized Optional<String> mended() {
        return Optional.ofNullable(mended);
    }

    /**
     * Whether the file that was loaded is a copy of the one that the superblock was stored in: the
     * node's directory was moved to another file system, cloned or restored. Stores make it an
     * original.
     */
    public synchronized boolean copied() {
        return copied;
    }

    /**
     * Stores a superblock; on return it is on stable storage.
     *
     * @throws SuperblockException it is too large, and nothing has changed; or writing failed, and
     *     the node must stop
     */
    public synchronized void store(Superblock superblock) {
        checkNotFailed();
        ByteBuffer bytes = SuperblockSlot.encode(superblock, generation + 1, inode);
        if (bytes.remaining() > SuperblockSlot.BYTES) {
            throw new SuperblockException(
                    TOO_LARGE,
                    file,
                    "would have %d epochs, %d peers, %d volumes in more than a slot of %d bytes"
                            .formatted(
                                    superblock.epochs().size(),
                                    superblock.peers().size(),
                                    superblock.volumes().size(),
                                    SuperblockSlot.BYTES),
                    null);
        }
        try {
            if (channel == null) {
                create(superblock);
            } else {
                write(channel, 1 - newerSlot, bytes);
                channel.force(false);
                newerSlot = 1 - newerSlot;
            }
        } catch (IOException e) {
            failure =
                    new SuperblockException(
                            IO, file, "cannot be stored (" + e + "); check the disk, restart", e);
            throw failure;
        }
        generation++;
        current = superblock;
    }

    /** Changes what is stored and returns it. A change that changes nothing writes nothing. */
    public synchronized Superblock update(UnaryOperator<Superblock> change) {
        Superblock before = current();
        Superblock after = change.apply(before);
        if (!after.equals(before)) {
            store(after);
        }
        return after;
    }

    /** What is stored. */
    public synchronized Superblock current() {
        if (current == null) {
            throw new IllegalStateException("no superblock loaded or stored: " + file);
        }
        return current;
    }

    /** Where it is stored. */
    public Path file() {
        return file;
    }

    @Override
    public synchronized void close() {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new SuperblockException(IO, file, "cannot be closed (" + e + ")", e);
            }
        }
    }

    private int newer(SuperblockSlot.Content[] slots) {
        for (SuperblockSlot.Content slot : slots) {
            if (slot instanceof SuperblockSlot.Newer newer) {
                throw new SuperblockException(
                        NEWER_VERSION,
                        file,
                        "has version %d: start the newer program".formatted(newer.version()),
                        null);
            }
        }
        long first = generation(slots[0]);
        long second = generation(slots[1]);
        if (first == second) {
            throw new SuperblockException(
                    DAMAGED,
                    file,
                    "is refused: slot 0 holds %s, slot 1 %s; restore it, or start over as a new"
                                    .formatted(describe(slots[0]), describe(slots[1]))
                            + " replica: move the node's directory and its partitions away, then"
                            + " tools/bin/replica CONFIG NODE",
                    null);
        }
        return first > second ? 0 : 1;
    }

    private static long generation(SuperblockSlot.Content slot) {
        return slot instanceof SuperblockSlot.Valid valid ? valid.generation() : Long.MIN_VALUE;
    }

    private static String describe(SuperblockSlot.Content slot) {
        return slot instanceof SuperblockSlot.Invalid invalid
                ? invalid.reason()
                : "the same generation";
    }

    private SuperblockSlot.Content read(int slot) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(SuperblockSlot.BYTES);
        long at = (long) slot * SuperblockSlot.BYTES;
        while (bytes.hasRemaining()) {
            int read = open().read(bytes, at + bytes.position());
            if (read < 0) {
                break; // A file cut short is judged by what is missing.
            }
        }
        return SuperblockSlot.decode(bytes.array());
    }

    private FileChannel open() throws IOException {
        if (channel == null) {
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            inode = inodeOf(file);
        }
        return channel;
    }

    /** Both slots under another name, then the name. */
    private void create(Superblock superblock) throws IOException {
        if (Files.exists(file)) {
            throw new IOException("it is there, but was not loaded");
        }
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel created =
                FileChannel.open(
                        unfinished,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            long itsInode = inodeOf(unfinished);
            // All of it gets its blocks now: a later store must not fail because the disk is full.
            write(created, 0, ByteBuffer.allocate(SLOTS * SuperblockSlot.BYTES));
            for (int slot = 0; slot < SLOTS; slot++) {
                write(
                        created,
                        slot,
                        SuperblockSlot.encode(superblock, generation + slot, itsInode));
            }
            created.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        DurableFolders.syncNameOf(file);
        open();
        newerSlot = SLOTS - 1;
    }

    private static long inodeOf(Path path) throws IOException {
        return (long) Files.getAttribute(path, "unix:ino");
    }

    private static void write(FileChannel channel, int slot, ByteBuffer bytes) throws IOException {
        long at = (long) slot * SuperblockSlot.BYTES;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    private void checkNotFailed() {
        if (failure != null) {
            throw new SuperblockException(IO, file, "was given up after a failure", failure);
        }
    }
}
