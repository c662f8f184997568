package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.aeron.AeronSettings;
import io.tidemark.tools.client.NbdClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A node that held data is started on files that are not what it left: whatever cannot be right is
 * refused with what would help, and left as it is.
 */
class WrongFilesTest {
    private static final int VOLUME = 8 << 20;
    private static final int SLOT = 64 << 10;

    @RegisterExtension private final Cluster cluster = new Cluster();

    @BeforeEach
    void holdData() throws Exception {
        configure("r0");
        start();
        try (NbdClient client = alpha().connect("r0")) {
            byte[] content = new byte[VOLUME];
            Arrays.fill(content, (byte) 7);
            client.write(0, ByteBuffer.wrap(content), true);
        }
        alpha().stop();
    }

    private void configure(String... resources) throws IOException {
        cluster.configure(
                new ClusterConfig(
                        List.of(resources), 1, VOLUME, List.of("peer-wait = \"100 ms\"")));
    }

    private NodeProcess alpha() {
        return cluster.alpha();
    }

    private Path directory() {
        return alpha().settings().directory();
    }

    private Path partition() {
        return cluster.partition(alpha(), "r0-0");
    }

    private Path superblock() {
        return directory().resolve("resources/r0/superblock");
    }

    private void start() throws Exception {
        alpha().start("primary");
        cluster.await(alpha(), "r0", "serves", s -> s.state().equals("serving"));
    }

    private void assertHolds() throws Exception {
        ByteBuffer read = ByteBuffer.allocate(VOLUME);
        try (NbdClient client = alpha().connect("r0")) {
            client.read(0, read);
        }
        assertThat(read.array()).containsOnly((byte) 7);
        alpha().stop();
    }

    private void assertRefused(String... named) throws Exception {
        alpha().start("primary");
        RefusalTest.assertRefused(alpha(), named);
    }

    /** The one line of the refusal tells how to start over, and that is right. */
    private void assertOffersToStartOver(String... named) throws Exception {
        assertRefused(named);
        String line =
                alpha().lines().stream().filter(l -> l.startsWith("tidemark: ")).findFirst().get();
        assertThat(line)
                .contains(
                        "mv " + directory() + " ", "mv " + partition() + " ", "tools/bin/replica");
    }

    @Test
    void aPartitionThatWasReplacedIsRefused() throws Exception {
        Path old = partition().resolveSibling("old.img");
        Files.move(partition(), old);
        NodeFiles.setLength(partition(), VOLUME);
        assertOffersToStartOver(partition().toString(), "not the one that this node wrote to");

        Files.delete(partition());
        Files.move(old, partition());
        start();
        assertHolds();
    }

    @Test
    void aCopyOfThePartitionAloneIsRefused() throws Exception {
        NodeFiles.replaceByCopy(partition());
        assertOffersToStartOver(partition().toString());
    }

    @Test
    void directoryAndPartitionsThatWereCopiedTogetherAreTakenOver() throws Exception {
        NodeFiles.replaceByCopy(directory());
        NodeFiles.replaceByCopy(partition());
        start();
        assertThat(alpha().lines()).anyMatch(l -> l.contains("moved or restored together"));
        assertHolds();
        start();
        assertThat(alpha().lines()).noneMatch(l -> l.contains("moved or restored together"));
        assertHolds();
    }

    @Test
    void aDirectoryThatWasCopiedWithoutThePartitionsFindsItsPartition() throws Exception {
        NodeFiles.replaceByCopy(directory());
        start();
        assertHolds();
    }

    @Test
    void aBiggerPartitionIsTheSamePartition() throws Exception {
        NodeFiles.setLength(partition(), 3 * VOLUME / 2);
        start();
        assertHolds();
    }

    @Test
    void aShrunkPartitionIsRefused() throws Exception {
        NodeFiles.setLength(partition(), VOLUME - 4096);
        assertRefused(partition().toString(), Integer.toString(VOLUME - 4096), "enlarge it");
        assertThat(Files.size(partition())).isEqualTo(VOLUME - 4096);
    }

    @Test
    void aMissingPartitionIsRefusedAndNotMadeAnew() throws Exception {
        Files.delete(partition());
        assertRefused(partition().toString(), "does not exist");
        assertThat(partition()).doesNotExist();
    }

    @Test
    void aPartitionThatIsAFolderNowIsRefused() throws Exception {
        Files.delete(partition());
        Files.createDirectory(partition());
        assertRefused(partition().toString(), "neither a file nor a block device");
    }

    @Test
    void aBlockDeviceInPlaceOfTheFileIsRefused() throws Exception {
        Path image = partition().resolveSibling("image");
        Files.move(partition(), image);
        try (LoopDevice loop = LoopDevice.attach(image)) {
            Files.createSymbolicLink(partition(), loop.path());
            assertRefused(partition().toString(), "block ", "file inode ");
        }
    }

    @Test
    void aChangedVolumeSizeIsRefused() throws Exception {
        Path config = cluster.folder().resolve("t.toml");
        Files.writeString(
                config, Files.readString(config).replace("size = " + VOLUME, "size = 4096"));
        assertRefused("volume 0 of " + VOLUME + " bytes", "Correct the configuration");
    }

    @Test
    void theSuperblockOfAnotherResourceIsRefused() throws Exception {
        Path other = superblock().resolveSibling("other");
        Files.move(superblock(), other);
        configure("r1");
        alpha().start("primary");
        cluster.await(alpha(), "r1", "serves", s -> s.state().equals("serving"));
        alpha().stop();
        configure("r0");
        Files.copy(directory().resolve("resources/r1/superblock"), superblock());
        assertRefused(superblock().toString(), "of resource r1, not of r0");
        Files.delete(superblock());
        Files.move(other, superblock());
        start();
        assertHolds();
    }

    @Test
    void theSuperblockOfAnotherNodeIsRefused() throws Exception {
        Files.writeString(directory().resolve("node.id"), UUID.randomUUID() + "\n");
        assertOffersToStartOver(superblock().toString(), "of another node");
    }

    @Test
    void aSuperblockWithOneTornSlotIsMended() throws Exception {
        for (int slot = 0; slot < 2; slot++) {
            NodeFiles.flip(superblock(), (long) slot * SLOT + 100);
            start();
            assertThat(alpha().lines())
                    .anyMatch(l -> l.contains("WARNING") && l.contains("other slot"));
            assertHolds();
        }
    }

    @Test
    void aSuperblockWithTwoBadSlotsIsRefused() throws Exception {
        NodeFiles.flip(superblock(), 100);
        NodeFiles.flip(superblock(), SLOT + 100L);
        byte[] before = Files.readAllBytes(superblock());
        assertRefused(superblock().toString(), "checksum", "tools/bin/replica");
        assertThat(Files.readAllBytes(superblock())).isEqualTo(before);
    }

    @Test
    void aMissingSuperblockBesideDataIsRefused() throws Exception {
        Files.delete(superblock());
        assertOffersToStartOver(partition().toString(), "holds data", "no superblock");
        assertThat(superblock()).doesNotExist();
    }

    @Test
    void aMissingSuperblockBesideAJournalIsRefused() throws Exception {
        Files.delete(superblock());
        Files.delete(partition());
        assertOffersToStartOver("has a journal of r0", superblock().toString());
        assertThat(superblock()).doesNotExist();
    }

    @Test
    void aMissingJournalIsRefused() throws Exception {
        NodeFiles.delete(directory().resolve("journal"));
        assertOffersToStartOver("journal of r0", "durable up to position");
    }

    @Test
    void aJournalWithoutCatalogAndCopyIsRefused() throws Exception {
        Path catalog = directory().resolve("journal/archive.catalog");
        Files.delete(catalog);
        Files.delete(directory().resolve("journal/archive.catalog.copy"));
        assertRefused(catalog.toString(), "missing", "tools/bin/replica");
    }

    @Test
    void aMissingCatalogIsMended() throws Exception {
        Files.delete(directory().resolve("journal/archive.catalog"));
        start();
        assertThat(alpha().lines()).anyMatch(l -> l.contains("restored from its copy"));
        assertHolds();
    }

    @Test
    void aMissingNodeIdIsRefusedWithTheCommandThatRestoresIt() throws Exception {
        Path file = directory().resolve("node.id");
        String id = Files.readString(file).strip();
        Files.delete(file);
        assertRefused(file + " is missing", "echo " + id + " > " + file);
        assertThat(file).doesNotExist();
        Files.writeString(file, "no such thing\n");
        assertRefused(file + " holds no UUID", "echo " + id + " > " + file);
    }

    @Test
    void whatADeadProcessLeftInPlaceIsNoObstacle() throws Exception {
        Path buffers = AeronSettings.driverDirectory("alpha", directory());
        Files.createDirectories(buffers.resolve("publications"));
        garbage(buffers.resolve("cnc.dat"));
        garbage(buffers.resolve("publications/1.logbuffer"));
        garbage(directory().resolve("journal/archive-mark.dat"));
        garbage(directory().resolve("admin.sock"));
        garbage(directory().resolve("node.lock"));
        garbage(directory().resolve("node.id.partial"));
        garbage(directory().resolve("resources/r0/superblock.new"));
        start();
        assertHolds();
    }

    private static void garbage(Path file) throws IOException {
        Files.write(file, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
    }
}
