package io.tidemark.journal.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is stored so that the log may be cut holds whichever slot is lost. */
class SuperblockKeeperTest {
    private static final Superblock FIRST =
            Superblock.first(new UUID(0, 1), null, "r0", Superblock.NIL, List.of());

    @TempDir Path directory;

    private static Superblock durable(long position) {
        return FIRST.withDurable(position, 0);
    }

    /** The durable position that is left when a slot cannot be read any more. */
    private long durableWithout(int slot) throws IOException {
        Path damaged = directory.resolve("damaged");
        byte[] bytes = Files.readAllBytes(directory.resolve("superblock"));
        Arrays.fill(
                bytes, slot * SuperblockSlot.BYTES, (slot + 1) * SuperblockSlot.BYTES, (byte) 0xff);
        Files.write(damaged, bytes);
        try (SuperblockStore store = new SuperblockStore(damaged)) {
            return store.load().orElseThrow().durable();
        }
    }

    private SuperblockStore stored(long position) {
        SuperblockStore store = new SuperblockStore(directory.resolve("superblock"));
        store.store(durable(position));
        return store;
    }

    @Test
    void positionsThatGoDownAreInBothSlots() throws IOException {
        try (SuperblockStore store = stored(900);
                SuperblockKeeper keeper = new SuperblockKeeper("test", store, () -> {})) {
            long number = keeper.storeTwice(durable(400));
            while (keeper.stored() < number) {
                Thread.onSpinWait();
            }
            assertThat(List.of(durableWithout(0), durableWithout(1))).containsOnly(400L);
        }
    }

    @Test
    void aNewerStoreThatTakesItsPlaceGoesToBothToo() throws IOException {
        try (SuperblockStore store = stored(900)) {
            try (SuperblockKeeper keeper = new SuperblockKeeper("test", store, () -> {})) {
                synchronized (store) {
                    // The thread cannot have finished the first when the second comes.
                    keeper.storeTwice(durable(400));
                    keeper.store(durable(300));
                }
            }
            assertThat(List.of(durableWithout(0), durableWithout(1))).containsOnly(300L);
        }
    }

    @Test
    void otherStoresLeaveTheSlotBeforeAsItWas() throws IOException {
        try (SuperblockStore store = stored(300)) {
            try (SuperblockKeeper keeper = new SuperblockKeeper("test", store, () -> {})) {
                keeper.store(durable(900));
            }
            assertThat(List.of(durableWithout(0), durableWithout(1)))
                    .containsExactlyInAnyOrder(300L, 900L);
        }
    }
}
