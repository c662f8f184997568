package io.tidemark.journal.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemark.journal.apply.SuperblockException.Code;
import io.tidemark.journal.epoch.EpochHistory;
import io.tidemark.journal.epoch.EpochIdentity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuperblockStoreTest {
    private static final int SECTOR = 512;

    @TempDir Path directory;
    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = directory.resolve("r0.superblock");
    }

    private static UUID id(long number) {
        return new UUID(number, ~number);
    }

    private static EpochIdentity epoch(long number) {
        return new EpochIdentity(number, number * 4096, number * 31, id(1), id(100 + number));
    }

    private static Superblock first() {
        return Superblock.first(
                id(1),
                id(2),
                "r0",
                id(3),
                List.of(new Superblock.Volume(0, 1 << 30, "file inode 7")));
    }

    private static Superblock full() {
        return first().withDurable(9_000, 8_000)
                .withApplyLimit(7_000)
                .withCheckpoint(6_000, 0xcafe, id(22))
                .withEpochs(List.of(epoch(1), epoch(3)), 5)
                .withInSync(List.of(id(20), id(21)), 4_096)
                .withRole(Superblock.Role.PRIMARY)
                .withRecordingId(17)
                .withPeers(List.of(new Superblock.Peer(id(20), "beta", 8_500, 5_000)));
    }

    private Superblock loaded() {
        try (SuperblockStore store = new SuperblockStore(file)) {
            return store.load().orElseThrow();
        }
    }

    private SuperblockException refusal() {
        try (SuperblockStore store = new SuperblockStore(file)) {
            return catchThrowableOfType(SuperblockException.class, store::load);
        }
    }

    private void stored(Superblock... blocks) {
        try (SuperblockStore store = new SuperblockStore(file)) {
            store.load();
            for (Superblock block : blocks) {
                store.store(block);
            }
        }
    }

    @Test
    void whatWasStoredLastIsLoaded() {
        assertThat(new SuperblockStore(file).load()).isEmpty();
        stored(first());
        assertThat(loaded()).isEqualTo(first());
        Superblock unknown = Superblock.first(id(1), null, "r0", Superblock.NIL, List.of());
        stored(unknown);
        assertThat(loaded()).isEqualTo(unknown);
        stored(full());
        assertThat(loaded()).isEqualTo(full());
        for (int i = 0; i < 5; i++) {
            stored(full().withRecordingId(i), full().withRecordingId(i + 100));
            assertThat(loaded().recordingId()).isEqualTo(i + 100);
        }
    }

    @Test
    void creationLeavesBothSlotsValidAndNoOtherFile() throws IOException {
        stored(full());
        for (int slot = 0; slot < 2; slot++) {
            byte[] bytes = Files.readAllBytes(file);
            Arrays.fill(
                    bytes,
                    slot * SuperblockSlot.BYTES,
                    (slot + 1) * SuperblockSlot.BYTES,
                    (byte) 0);
            Path copy = directory.resolve("copy");
            Files.write(copy, bytes);
            try (SuperblockStore store = new SuperblockStore(copy)) {
                assertThat(store.load()).contains(full());
                assertThat(store.mended()).isPresent();
            }
            Files.delete(copy);
        }
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aStoreTornAtAnySectorLeavesTheOneBefore() throws IOException {
        Superblock before = large(500);
        Superblock after = large(600).withRecordingId(99);
        stored(before);
        byte[] old = Files.readAllBytes(file);
        stored(after); // Into slot 0.
        byte[] whole = Files.readAllBytes(file);
        assertThat(Arrays.mismatch(old, whole)).isLessThan(SECTOR);
        int length = SuperblockCodec.length(after);
        for (int cut = 0; cut <= SuperblockSlot.BYTES; cut += SECTOR) {
            byte[] torn = old.clone();
            System.arraycopy(whole, 0, torn, 0, cut);
            Files.write(file, torn);
            try (SuperblockStore store = new SuperblockStore(file)) {
                boolean complete = cut >= length + 24;
                assertThat(store.load()).as("cut at %d", cut).contains(complete ? after : before);
                assertThat(store.mended().isPresent()).isEqualTo(cut > 0 && !complete);
                store.store(first());
            }
            try (SuperblockStore store = new SuperblockStore(file)) {
                assertThat(store.load()).contains(first());
                assertThat(store.mended()).as("after mending, cut at %d", cut).isEmpty();
            }
        }
    }

    private static Superblock large(int epochs) {
        List<EpochIdentity> history = new ArrayList<>();
        for (int i = 1; i <= epochs; i++) {
            history.add(epoch(i));
        }
        return full().withEpochs(history, epochs);
    }

    @Test
    void twoBadSlotsAreRefused() throws IOException {
        stored(first(), full());
        byte[] bytes = Files.readAllBytes(file);
        bytes[100] ^= 1;
        bytes[SuperblockSlot.BYTES + 100] ^= 1;
        Files.write(file, bytes);
        SuperblockException refusal = refusal();
        assertThat(refusal.code()).isEqualTo(Code.DAMAGED);
        assertThat(refusal).hasMessageContaining("slot 0").hasMessageContaining("checksum");
    }

    @Test
    void foreignAndShortFilesAreRefused() throws IOException {
        for (byte[] foreign :
                List.of(
                        new byte[0],
                        new byte[100],
                        "hello, I am a log file".getBytes(StandardCharsets.US_ASCII))) {
            Files.write(file, foreign);
            assertThat(refusal().code()).isEqualTo(Code.DAMAGED);
            assertThat(refusal()).hasMessageContaining("no superblock (magic");
        }
    }

    @Test
    void aNewerVersionIsRefusedEvenBesideAnOlderSlot() throws IOException {
        stored(full());
        byte[] bytes = Files.readAllBytes(file);
        bytes[24 + 6] = 4; // The version in slot 0's message header.
        seal(bytes);
        Files.write(file, bytes);
        assertThat(refusal().code()).isEqualTo(Code.NEWER_VERSION);
    }

    @Test
    void randomBytesUnderARightChecksumAreRefusedOrRead() throws IOException {
        SplittableRandom random = Seed.random(SuperblockStoreTest.class);
        byte[] good = SuperblockSlot.encode(full(), 1, 40).array();
        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = Arrays.copyOf(good, SuperblockSlot.BYTES);
            int length = SuperblockCodec.length(full());
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[24 + random.nextInt(length)] = (byte) random.nextInt();
            }
            seal(bytes);
            SuperblockSlot.Content content = SuperblockSlot.decode(bytes);
            assertThat(content).isNotNull();
        }
    }

    private static void seal(byte[] bytes) {
        ByteBuffer slot = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, 20);
        crc.update(bytes, 24, slot.getInt(16));
        slot.putInt(20, (int) crc.getValue());
    }

    @Test
    void tooManyEpochsForASlotAreRefusedAndChangeNothing() {
        try (SuperblockStore store = new SuperblockStore(file)) {
            store.store(full());
            assertThatThrownBy(() -> store.store(large(2_000)))
                    .isInstanceOf(SuperblockException.class)
                    .hasMessageContaining("2000 epochs");
            assertThat(store.current()).isEqualTo(full());
            store.store(first());
        }
        assertThat(loaded()).isEqualTo(first());
    }

    @Test
    void updatesBuildOnWhatIsStored() {
        try (SuperblockStore store = new SuperblockStore(file)) {
            store.store(full());
            store.update(block -> block.withRecordingId(5));
            store.update(block -> block.withDurable(10_000, 9_500));
        }
        assertThat(loaded()).isEqualTo(full().withRecordingId(5).withDurable(10_000, 9_500));
    }

    @Test
    void nothingIsStoredAfterAFailure() {
        SuperblockStore store = new SuperblockStore(file);
        store.store(first());
        store.close(); // Every write fails from here on.
        assertThatThrownBy(() -> store.store(full()))
                .isInstanceOf(SuperblockException.class)
                .hasMessageContaining("cannot be stored");
        assertThatThrownBy(() -> store.store(full())).hasMessageContaining("given up");
        assertThat(loaded()).isEqualTo(first());
    }

    @Test
    void positionsOutOfOrderAreABug() {
        SuperblockStore store = new SuperblockStore(file);
        assertThatThrownBy(() -> store.store(full().withApplyLimit(8_001)))
                .hasMessageContaining("applyLimit 8001, committed 8000");
        assertThatThrownBy(() -> full().withEpochs(List.of(epoch(2), epoch(1)), 9))
                .hasMessageContaining("epochs not in order");
        assertThat(full().withEpochs(List.of(epoch(1)), 1).highestEpoch()).isEqualTo(5);
        assertThat(full().withHighestEpoch(6).highestEpoch()).isEqualTo(6);
        assertThat(file).doesNotExist();
    }

    @Test
    void theBytesOfASlotAreWhatTheyWere() {
        Superblock block =
                new Superblock(
                        new UUID(1, 2),
                        new UUID(3, 4),
                        "r0",
                        new UUID(5, 6),
                        7,
                        8,
                        9,
                        10,
                        12,
                        11,
                        List.of(new EpochIdentity(13, 14, 15, new UUID(16, 17), new UUID(18, 19))),
                        20,
                        List.of(new UUID(21, 22)),
                        23,
                        new UUID(30, 31),
                        Superblock.Role.PRIMARY,
                        List.of(new Superblock.Peer(new UUID(24, 25), "b", 26, 27)),
                        List.of(new Superblock.Volume(28, 29, "p")),
                        List.of(new EpochIdentity(32, 33, 34, new UUID(35, 36), new UUID(37, 38))),
                        41);
        byte[] slot = SuperblockSlot.encode(block, 30, 40).array();
        assertThat(slot).hasSize(SuperblockSlot.BLOCK_BYTES);
        int used = 24 + SuperblockCodec.length(block);
        assertThat(HexFormat.of().formatHex(slot, 0, used)).isEqualTo(GOLDEN);
        assertThat(Arrays.copyOfRange(slot, used, slot.length)).containsOnly(0);
        assertThat(SuperblockSlot.decode(Arrays.copyOf(slot, SuperblockSlot.BYTES)))
                .isEqualTo(new SuperblockSlot.Valid(30, block, 40));
    }

    /** As stored before a node could be told to discard. */
    @Test
    void aSlotOfTheThirdVersionIsRead() {
        byte[] slot = Arrays.copyOf(HexFormat.of().parseHex(THIRD), SuperblockSlot.BYTES);
        SuperblockSlot.Valid valid = (SuperblockSlot.Valid) SuperblockSlot.decode(slot);
        assertThat(valid.superblock().ahead()).hasSize(1);
        assertThat(valid.superblock().discardTo()).isEqualTo(Superblock.NOTHING);
    }

    @Test
    void whatIsDiscardedIsRememberedUntilItIsDone() {
        EpochHistory history = new EpochHistory(List.of(epoch(1), epoch(3), epoch(4)));
        long to = epoch(3).startPosition() + 1;
        Superblock given = full().withDiscard(to, history);
        stored(given);
        assertThat(loaded()).isEqualTo(given);
        assertThat(given.checkpoint()).isZero();
        assertThat(given.applyLimit()).isZero();
        assertThat(given.durable()).isLessThanOrEqualTo(to);
        assertThat(given.role()).isEqualTo(Superblock.Role.REPLICA);
        assertThat(given.highestEpoch()).isEqualTo(5);
        assertThat(given.history()).isEqualTo(new EpochHistory(List.of(epoch(1), epoch(3))));
        assertThat(given.withoutDiscard().discardTo()).isEqualTo(Superblock.NOTHING);
    }

    /** As stored before superblocks told of the epochs ahead. */
    @Test
    void aSlotOfTheSecondVersionIsRead() {
        byte[] slot = Arrays.copyOf(HexFormat.of().parseHex(SECOND), SuperblockSlot.BYTES);
        SuperblockSlot.Valid valid = (SuperblockSlot.Valid) SuperblockSlot.decode(slot);
        assertThat(valid.fileInode()).isEqualTo(40);
        assertThat(valid.superblock().ahead()).isEmpty();
        assertThat(valid.superblock().history()).as("epoch 20 was seen, not told").isNull();
    }

    @Test
    void theHistoryOfALogGoesBeyondItsCheckpoint() {
        Superblock told = full().withHistory(new EpochHistory(List.of(epoch(3), epoch(4))));
        assertThat(full().history()).as("epoch 5 was seen").isNull();
        assertThat(told.ahead()).containsExactly(epoch(4));
        assertThat(told.history())
                .isEqualTo(new EpochHistory(List.of(epoch(1), epoch(3), epoch(4))));
        Superblock later = told.withEpochs(List.of(epoch(1), epoch(3), epoch(4)), 5);
        assertThat(later.ahead()).isEmpty();
        stored(told);
        assertThat(loaded()).isEqualTo(told);
        assertThat(first().history()).isEqualTo(EpochHistory.EMPTY);
    }

    /** As stored before superblocks told which file they were stored in. */
    @Test
    void aSlotOfTheFirstVersionIsRead() throws IOException {
        String first =
                "54494445535550521e0000000000000015010000f7892cf2"
                        + "8100020066000000"
                        + SECOND.substring(64, SECOND.indexOf("2800000000000000"))
                        + SECOND.substring(SECOND.indexOf("2800000000000000") + 16);
        byte[] slot = Arrays.copyOf(HexFormat.of().parseHex(first), 2 * SuperblockSlot.BYTES);
        Files.write(file, slot);
        try (SuperblockStore store = new SuperblockStore(file)) {
            assertThat(store.load().orElseThrow().resource()).isEqualTo(new UUID(3, 4));
            assertThat(store.copied()).isFalse();
            assertThat(store.mended()).isPresent();
        }
    }

    @Test
    void aCopyKnowsThatItIsOne() throws IOException {
        stored(first(), full());
        Path copy = directory.resolve("copy");
        Files.copy(file, copy);
        Files.move(file, directory.resolve("renamed"));
        try (SuperblockStore renamed = new SuperblockStore(directory.resolve("renamed"));
                SuperblockStore copied = new SuperblockStore(copy)) {
            assertThat(renamed.load()).contains(full());
            assertThat(renamed.copied()).isFalse();
            assertThat(copied.load()).contains(full());
            assertThat(copied.copied()).isTrue();
            copied.store(first());
        }
        try (SuperblockStore original = new SuperblockStore(copy)) {
            assertThat(original.load()).contains(first());
            assertThat(original.copied()).isFalse();
        }
    }

    private static final String SECOND =
            "54494445535550521e000000000000001d010000509c7f538900020066000100"
                    + "0100000000000000020000000000000003000000000000000400000000000000"
                    + "0500000000000000060000000000000007000000000000000800000000000000"
                    + "09000000000000000a000000000000000c000000000000000b00000000000000"
                    + "14000000000000001700000000000000011e000000000000001f000000000000"
                    + "002800000000000000380001000d000000000000000e000000000000000f0000"
                    + "0000000000100000000000000011000000000000001200000000000000130000"
                    + "0000000000100001001500000000000000160000000000000020000100180000"
                    + "000000000019000000000000001a000000000000001b00000000000000010062"
                    + "0a0001001c001d0000000000000001007002007230";

    private static final String THIRD =
            "54494445535550521e00000000000000590100002c58bfee" // frame
                    + "8900020066000200" // message header
                    + "01000000000000000200000000000000" // node
                    + "03000000000000000400000000000000" // resource
                    + "05000000000000000600000000000000" // base
                    + "070000000000000008000000000000000900000000000000"
                    + "0a000000000000000c000000000000000b00000000000000"
                    + "1400000000000000170000000000000001" // highest epoch, in-sync position, role
                    + "1e000000000000001f00000000000000" // heir
                    + "2800000000000000" // inode
                    + "380001000d000000000000000e000000000000000f00000000000000"
                    + "1000000000000000110000000000000012000000000000001300000000000000"
                    + "1000010015000000000000001600000000000000" // in-sync set
                    + "20000100180000000000000019000000000000001a000000000000001b00000000000000"
                    + "010062" // the peer's name
                    + "0a0001001c001d00000000000000010070" // volume and its partition
                    + "38000100200000000000000021000000000000002200000000000000"
                    + "2300000000000000240000000000000025000000000000002600000000000000" // ahead
                    + "02007230";

    private static final String GOLDEN =
            "54494445535550521e00000000000000610100007370c959" // frame
                    + "9100020066000300" // message header
                    + "01000000000000000200000000000000" // node
                    + "03000000000000000400000000000000" // resource
                    + "05000000000000000600000000000000" // base
                    + "070000000000000008000000000000000900000000000000"
                    + "0a000000000000000c000000000000000b00000000000000"
                    + "1400000000000000170000000000000001" // highest epoch, in-sync position, role
                    + "1e000000000000001f00000000000000" // heir
                    + "28000000000000002900000000000000" // inode, position to discard to
                    + "380001000d000000000000000e000000000000000f00000000000000"
                    + "1000000000000000110000000000000012000000000000001300000000000000"
                    + "1000010015000000000000001600000000000000" // in-sync set
                    + "20000100180000000000000019000000000000001a000000000000001b00000000000000"
                    + "010062" // the peer's name
                    + "0a0001001c001d00000000000000010070" // volume and its partition
                    + "38000100200000000000000021000000000000002200000000000000"
                    + "2300000000000000240000000000000025000000000000002600000000000000" // ahead
                    + "02007230";
}
