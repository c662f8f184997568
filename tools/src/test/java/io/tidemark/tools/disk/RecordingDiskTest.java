package io.tidemark.tools.disk;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@SuppressWarnings("NullAway.Init") // JUnit fills them in.
class RecordingDiskTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir private Path folder;
    private Path host;
    private RecordingDisk disk;

    @BeforeAll
    static void needsFuse() {
        RecordingDisk.assumePossible();
    }

    @BeforeEach
    void mount() throws IOException {
        host = Files.createDirectory(folder.resolve("host"));
        disk =
                RecordingDisk.mount(
                        Files.createDirectory(folder.resolve("mnt")), host, new DiskClock());
    }

    @AfterEach
    void unmount() {
        disk.close();
    }

    private Path at(String path) {
        return disk.root().resolve(path);
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }

    private static String describe(DiskOp op) {
        return switch (op) {
            case DiskOp.Write w ->
                    "write %d at %d: %s".formatted(w.file(), w.offset(), text(w.data()));
            case DiskOp.Resize r -> "resize %d to %d".formatted(r.file(), r.size());
            case DiskOp.Zero z -> "zero %d %d+%d".formatted(z.file(), z.offset(), z.length());
            case DiskOp.Sync s -> "sync " + s.file();
            case DiskOp.Create c -> "create %d %s".formatted(c.file(), c.path());
            case DiskOp.MakeFolder m -> "mkdir " + m.path();
            case DiskOp.Remove r -> "remove " + r.path();
            case DiskOp.Rename r -> "rename %s %s".formatted(r.from(), r.to());
            case DiskOp.SyncFolder s -> "sync folder " + s.path();
        };
    }

    private static String text(byte[] data) {
        return new String(data, US_ASCII).replace("\0", "");
    }

    private List<String> ops() {
        return disk.ops().stream().skip(1).map(RecordingDiskTest::describe).toList();
    }

    @Test
    void everyChangeIsRecordedInOrder() throws IOException {
        Files.createDirectory(at("d"));
        try (FileChannel file = create(at("d/a"))) {
            file.write(bytes("one"), 5);
            file.force(false);
            file.truncate(6);
        }
        Files.move(at("d/a"), at("b"), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel root = FileChannel.open(disk.root())) {
            root.force(true);
        }
        Files.delete(at("b"));
        Files.delete(at("d"));

        assertThat(ops())
                .containsExactly(
                        "mkdir d",
                        "create 3 d/a",
                        "write 3 at 5: one",
                        "sync 3",
                        "resize 3 to 6",
                        "rename d/a b",
                        "sync folder ",
                        "remove b",
                        "remove d");
        assertThat(disk.ops()).extracting(DiskOp::clock).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aSyncKnowsWhatWasWrittenBeforeItCame() throws Exception {
        DiskFault held = disk.arm(DiskFault.on(DiskCall.Kind.SYNC, p -> p.equals("a")).hold());
        try (FileChannel file = create(at("a"))) {
            file.write(bytes("before"), 0);
            CompletableFuture<Void> sync = inBackground(() -> file.force(false));
            held.awaitStruck(LIMIT);
            Files.createFile(at("b"));
            held.release();
            sync.join();
        }

        assertThat(ops())
                .containsExactly("create 2 a", "write 2 at 0: before", "create 3 b", "sync 2");
        List<DiskOp> ops = disk.ops();
        DiskOp.Sync sync = (DiskOp.Sync) ops.getLast();
        assertThat(sync.begin()).isBetween(ops.get(2).clock(), ops.get(3).clock());
    }

    @Test
    void aSyncThatHangsHoldsUpNoOtherFileAndNoReader() throws Exception {
        DiskFault held = disk.arm(DiskFault.on(DiskCall.Kind.SYNC, p -> true).hold());
        try (FileChannel file = create(at("a"))) {
            file.write(bytes("x"), 0);
            CompletableFuture<Void> sync = inBackground(() -> file.force(false));
            held.awaitStruck(LIMIT);
            Files.writeString(at("other"), "y");
            disk.dropCaches(p -> p.equals("a"));
            file.read(ByteBuffer.allocate(1), 0);
            assertThat(Files.readString(at("other"))).isEqualTo("y");
            assertThat(sync).isNotDone();
            disk.cure();
            sync.join();
        }
    }

    @Test
    void namesBehaveAsTheyShould() throws IOException {
        Files.createDirectories(at("a/b"));
        for (int i = 0; i < 300; i++) {
            Files.writeString(at("a/b/" + "a-name-that-takes-some-room-".repeat(3) + i), "x");
        }
        try (Stream<Path> found = Files.list(at("a/b"))) {
            assertThat(found).hasSize(300);
        }
        Files.move(at("a"), at("c"));
        assertThat(Files.exists(at("a/b"))).isFalse();
        try (Stream<Path> found = Files.list(host.resolve("c/b"))) {
            assertThat(found).hasSize(300);
        }
        assertThatThrownBy(() -> Files.delete(at("c/b"))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Files.delete(at("no"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Files.createDirectory(at("c")))
                .isInstanceOf(FileAlreadyExistsException.class);
        Files.setPosixFilePermissions(at("c"), PosixFilePermissions.fromString("rwx------"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(at("c"))))
                .isEqualTo("rwx------");
    }

    @Test
    void aRemovedFileLivesOnWhileItIsOpen() throws IOException {
        try (FileChannel file = create(at("a"))) {
            file.write(bytes("old"), 0);
            Files.delete(at("a"));
            Files.writeString(at("a"), "new");
            file.write(bytes("er"), 3);
            ByteBuffer read = ByteBuffer.allocate(10);
            file.read(read, 0);
            assertThat(text(read.array())).isEqualTo("older");
        }
        assertThat(Files.readString(at("a"))).isEqualTo("new");
        Files.move(at("a"), at("b"));
        Files.writeString(at("c"), "newest");
        Files.move(at("c"), at("b"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(Files.readString(at("b"))).isEqualTo("newest");
    }

    @Test
    void mappedWritesArriveWhenForcedAndAtTheEndOfTheProcess() throws Exception {
        try (FileChannel file = create(at("m"))) {
            file.write(ByteBuffer.allocate(1), 8191);
        }
        mapped("m", 3, "forced", "force");
        assertThat(ops()).anyMatch(op -> op.equals("write 2 at 0: forced"));
        assertThat(ops()).last().isEqualTo("sync 2");
        mapped("m", 5000, "left", "leave");
        assertThat(ops()).last().isEqualTo("write 2 at 4096: left");
        assertThat(new String(Files.readAllBytes(at("m")), US_ASCII)).contains("forced", "left");
    }

    private void mapped(String file, int offset, String text, String end) throws Exception {
        Process writer =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                MappedWriter.class.getName(),
                                at(file).toString(),
                                Integer.toString(offset),
                                text,
                                end)
                        .inheritIO()
                        .start();
        assertThat(writer.waitFor()).isZero();
    }

    @Test
    void callsFailOnDemandAndOnlyThose() throws IOException {
        DiskFault third =
                disk.arm(
                        DiskFault.on(DiskCall.Kind.WRITE, p -> p.equals("a"))
                                .only(3)
                                .fail(Errno.EIO));
        DiskFault syncs =
                disk.arm(
                        DiskFault.on(DiskCall.Kind.SYNC, p -> p.equals("a"))
                                .from(2)
                                .fail(Errno.ENOSPC));
        try (FileChannel file = create(at("a"))) {
            file.write(bytes("1"), 0);
            file.write(bytes("2"), 1);
            assertThatThrownBy(() -> file.write(bytes("3"), 2))
                    .hasMessageContaining("Input/output error");
            file.write(bytes("4"), 3);
            file.force(false);
            assertThatThrownBy(() -> file.force(false)).hasMessageContaining("No space left");
            disk.cure();
            file.force(false);
        }
        assertThat(third.struck()).isEqualTo(1);
        assertThat(syncs.struck()).isEqualTo(1);
        assertThat(Files.readAllBytes(host.resolve("a"))).containsExactly('1', '2', 0, '4');
    }

    @Test
    void writesMayTakeLessThanAll() throws IOException {
        disk.arm(DiskFault.on(DiskCall.Kind.WRITE, p -> true).only(1).accept(700));
        try (FileChannel file = create(at("a"))) {
            assertThat(file.write(ByteBuffer.allocate(2000), 0)).isEqualTo(700);
            assertThat(file.write(ByteBuffer.allocate(1300), 700)).isEqualTo(1300);
        }
    }

    @Test
    void readsFailOnceTheCacheIsDropped() throws IOException {
        Files.writeString(at("a"), "content");
        disk.arm(DiskFault.on(DiskCall.Kind.READ, p -> true).fail(Errno.EIO));
        disk.dropCaches(p -> p.equals("a"));
        assertThatThrownBy(() -> Files.readString(at("a")))
                .hasMessageContaining("Input/output error");
        disk.cure();
        assertThat(Files.readString(at("a"))).isEqualTo("content");
    }

    @Test
    void aSmallDiskIsFullAndSaysSo() throws IOException {
        disk.quota(64 << 10);
        assertThat(Files.getFileStore(at(".")).getTotalSpace()).isEqualTo(64 << 10);
        try (FileChannel file = create(at("a"))) {
            file.write(ByteBuffer.allocate(4096), 60 << 20);
            assertThat(file.write(ByteBuffer.allocate(100 << 10), 1000)).isEqualTo(60440);
            assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 62 << 20))
                    .hasMessageContaining("No space left");
            assertThat(Files.getFileStore(at(".")).getUsableSpace()).isZero();
            disk.quota(128 << 10);
            file.write(ByteBuffer.allocate(1), 62 << 20);
            file.truncate(5000);
            assertThat(disk.used()).isEqualTo(8192);
        }
        Files.delete(at("a"));
        while (disk.used() > 0) {
            // The kernel tells of the last close when it likes; the test's time limit ends this.
            Thread.onSpinWait();
        }
    }

    @Test
    void spaceIsTakenAheadAndGivenBack() throws Exception {
        disk.quota(1 << 20);
        Files.createFile(at("a"));
        run("fallocate", "-l", "512KiB", at("a").toString());
        assertThat(Files.size(at("a"))).isEqualTo(512 << 10);
        assertThat(disk.used()).isEqualTo(512 << 10);
        run("fallocate", "-n", "-o", "512KiB", "-l", "256KiB", at("a").toString());
        assertThat(Files.size(at("a"))).isEqualTo(512 << 10);
        assertThatThrownBy(() -> run("fallocate", "-l", "2MiB", at("a").toString()))
                .hasMessageContaining("No space left");
        assertThat(disk.used()).isEqualTo(768 << 10);
        run("fallocate", "-p", "-o", "0", "-l", "128KiB", at("a").toString());
        assertThat(disk.used()).isEqualTo(640 << 10);
        run("fallocate", "-z", "-o", "0", "-l", "4KiB", at("a").toString());
        assertThat(disk.used()).isEqualTo(644 << 10);
        assertThat(ops())
                .filteredOn(op -> !op.equals("sync 2"))
                .containsExactly(
                        "create 2 a", "resize 2 to 524288", "zero 2 0+131072", "zero 2 0+4096");
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), US_ASCII);
        if (process.waitFor() != 0) {
            throw new IOException(output);
        }
    }

    @Test
    void dataAndHolesAreFound() throws IOException {
        try (FileChannel file = create(at("a"))) {
            file.write(ByteBuffer.allocate(4096), 1 << 20);
            file.truncate(4 << 20);
            file.write(ByteBuffer.allocate(1), (4 << 20) - 1);
        }
        int fd = Sys.open(at("a"), Sys.O_RDWR, 0);
        assertThat(Sys.lseek(fd, 0, Sys.SEEK_DATA)).isEqualTo(1 << 20);
        assertThat(Sys.lseek(fd, 1 << 20, Sys.SEEK_HOLE)).isEqualTo((1 << 20) + 4096);
        Sys.close(fd);
    }

    @Test
    void socketsAndLocksWork() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(at("s"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            try (SocketChannel client = SocketChannel.open(address);
                    SocketChannel accepted = server.accept()) {
                client.write(bytes("hello"));
                ByteBuffer read = ByteBuffer.allocate(5);
                accepted.read(read);
                assertThat(text(read.array())).isEqualTo("hello");
            }
        }
        Files.delete(at("s"));
        try (FileChannel file = create(at("l"))) {
            assertThat(file.tryLock()).isNotNull();
        }
        assertThat(ops()).containsExactly("create 3 l");
    }

    @Test
    void whatTheFolderHoldsIsRecordedAsIfWritten() throws IOException {
        Files.createDirectory(at("d"));
        try (FileChannel file = create(at("d/a"))) {
            file.write(bytes("content"), 1 << 20);
        }
        Path again = Files.createDirectory(folder.resolve("again"));
        disk.close();
        try (RecordingDisk second = RecordingDisk.mount(again, host, new DiskClock())) {
            assertThat(second.ops().stream().map(RecordingDiskTest::describe))
                    .containsExactly(
                            "mkdir d",
                            "create 3 d/a",
                            "resize 3 to " + ((1 << 20) + 7),
                            "write 3 at 1048576: content",
                            "sync 3",
                            "sync folder d",
                            "sync folder ");
            assertThat(second.used()).isEqualTo(4096);
            assertThat(Files.size(again.resolve("d/a"))).isEqualTo((1 << 20) + 7);
        }
    }

    @FunctionalInterface
    private interface Action {
        void run() throws IOException;
    }

    private static CompletableFuture<Void> inBackground(Action action) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        action.run();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }
}
