package io.tidemark.tools.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.disk.DiskClock;
import io.tidemark.tools.disk.DiskOp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashStatesTest {
    private static final int FILE = 7;

    private final DiskClock clock = new DiskClock();
    private final List<DiskOp> ops = new ArrayList<>();

    @TempDir private Path folder;

    @Test
    void whatWasWrittenBeforeASyncBeganIsThere() {
        createFile("a");
        write(0, 1024, 1);
        sync(FILE);
        write(0, 512, 2);
        assertThat(contents(Profile.NOTHING)).isEqualTo(bytes(512, 1, 512, 1));
        assertThat(contents(Profile.EVERYTHING)).isEqualTo(bytes(512, 2, 512, 1));
    }

    @Test
    void whatWasWrittenWhileASyncWentOnMayBeLost() {
        createFile("a");
        long begin = clock.tick();
        write(0, 512, 1);
        ops.add(new DiskOp.Sync(clock.tick(), FILE, begin));
        assertThat(contents(Profile.NOTHING)).isEmpty();
    }

    @Test
    void aSyncThatHasNotReturnedPromisesNothing() {
        createFile("a");
        write(0, 512, 1);
        long before = clock.now();
        sync(FILE);
        assertThat(contents(at(before, Profile.NOTHING, 1))).isEmpty();
    }

    @Test
    void everySectorOfATornWriteIsOldOrNew() {
        createFile("a");
        write(0, 4096, 1);
        sync(FILE);
        write(0, 4096, 2);
        Set<List<Byte>> seen = new HashSet<>();
        for (long seed = 0; seed < 64; seed++) {
            byte[] found = contents(at(clock.now(), Profile.LAST_TORN, seed));
            for (int sector = 0; sector < 8; sector++) {
                byte[] bytes = Arrays.copyOfRange(found, sector * 512, (sector + 1) * 512);
                assertThat(bytes).containsOnly(bytes[0]);
                assertThat(bytes[0]).isBetween((byte) 1, (byte) 2);
            }
            seen.add(Stream.iterate(0, i -> i < 4096, i -> i + 512).map(i -> found[i]).toList());
        }
        assertThat(seen).hasSizeGreaterThan(40);
    }

    @Test
    void laterWritesMaySurviveWithoutEarlierOnes() {
        createFile("a");
        write(0, 512, 1);
        write(512, 512, 2);
        Set<List<Byte>> seen = states(Profile.RANDOM);
        assertThat(seen)
                .contains(
                        List.of(),
                        List.of((byte) 0, (byte) 2),
                        List.of((byte) 1, (byte) 2),
                        List.of((byte) 1));
    }

    @Test
    void aSectorIsAsTheCacheHeldItAfterOneOfTheWrites() {
        createFile("a");
        write(0, 512, 1);
        write(0, 512, 2);
        assertThat(states(Profile.RANDOM))
                .contains(List.of((byte) 1), List.of((byte) 2), List.of())
                .doesNotContain(List.of((byte) 3));
    }

    @Test
    void aSectorBeyondTheOldEndImpliesTheSizeUpToIt() {
        createFile("a");
        write(10 * 512, 100, 1);
        FileImage image = new FileImage();
        for (long seed = 0; image.size() == 0; seed++) {
            image = at(clock.now(), Profile.RANDOM, seed).image(FILE);
        }
        assertThat(image.size()).isEqualTo(10 * 512 + 100);
    }

    @Test
    void anUnsyncedTruncationMayBeUndone() {
        createFile("a");
        write(0, 1024, 1);
        sync(FILE);
        ops.add(new DiskOp.Resize(clock.tick(), FILE, 0));
        ops.add(new DiskOp.Resize(clock.tick(), FILE, 1024));
        assertThat(contents(Profile.NOTHING)).containsOnly(1).hasSize(1024);
        assertThat(contents(Profile.EVERYTHING)).containsOnly(0).hasSize(1024);
    }

    @Test
    void anUnsyncedPunchMayBeUndoneInPart() {
        createFile("a");
        write(0, 1024, 1);
        sync(FILE);
        ops.add(new DiskOp.Zero(clock.tick(), FILE, 0, 1024));
        assertThat(contents(Profile.NOTHING)).containsOnly(1);
        assertThat(contents(Profile.EVERYTHING)).containsOnly(0);
        assertThat(states(Profile.RANDOM)).contains(List.of((byte) 0, (byte) 1));
    }

    @Test
    void aNameIsSureOnlyAfterASyncOfItsFolder() {
        createFile("a");
        write(0, 512, 1);
        sync(FILE);
        assertThat(names(Profile.NOTHING)).isEmpty();
        assertThat(names(Profile.EVERYTHING)).containsExactly("a");
        syncFolder("");
        assertThat(names(Profile.NOTHING)).containsExactly("a");
    }

    @Test
    void whatIsInAFolderThatHasNoNameIsGone() {
        ops.add(new DiskOp.MakeFolder(clock.tick(), "f"));
        createFile("f/a");
        syncFolder("f");
        assertThat(names(Profile.NOTHING)).isEmpty();
        syncFolder("");
        assertThat(names(Profile.NOTHING)).containsExactly("f", "f/a");
    }

    @Test
    void anUnsyncedRemoveMayBeUndone() {
        createFile("a");
        syncFolder("");
        ops.add(new DiskOp.Remove(clock.tick(), "a"));
        assertThat(names(Profile.NOTHING)).containsExactly("a");
        assertThat(names(Profile.EVERYTHING)).isEmpty();
    }

    @Test
    void aRenameHappensAsAWhole() {
        createFile("a");
        syncFolder("");
        ops.add(new DiskOp.Rename(clock.tick(), "a", "b"));
        for (long seed = 0; seed < 20; seed++) {
            assertThat(at(clock.now(), Profile.RANDOM, seed).names().all().keySet())
                    .isIn(Set.of("a"), Set.of("b"));
        }
        assertThat(at(clock.now(), Profile.EVERYTHING, 1).names().get("b")).isEqualTo(FILE);
    }

    @Test
    void whatCountsAsStableNeedsNoSync() {
        createFile("a");
        write(0, 512, 1);
        long formatted = clock.now();
        write(0, 512, 2);
        DiskState state = new CrashStates(ops, formatted).at(clock.now(), Profile.NOTHING, 1);
        assertThat(state.names().all()).containsKey("a");
        assertThat(contents(state)).containsOnly(1);
    }

    @Test
    void theSameSeedMakesTheSameState() {
        createFile("a");
        for (int i = 0; i < 50; i++) {
            write(i * 300L, 700, i);
        }
        assertThat(contents(at(clock.now(), Profile.RANDOM, 5)))
                .isEqualTo(contents(at(clock.now(), Profile.RANDOM, 5)));
    }

    @Test
    void aStateBecomesSparseFiles() throws Exception {
        ops.add(new DiskOp.MakeFolder(clock.tick(), "f"));
        createFile("f/a");
        write(100_000, 600, 3);
        ops.add(new DiskOp.Resize(clock.tick(), FILE, 1 << 20));
        at(clock.now(), Profile.EVERYTHING, 1).writeTo(folder);
        byte[] found = Files.readAllBytes(folder.resolve("f/a"));
        assertThat(found).hasSize(1 << 20);
        assertThat(Arrays.copyOfRange(found, 100_000, 100_600)).containsOnly(3);
        assertThat(Arrays.copyOfRange(found, 0, 100_000)).containsOnly(0);
        assertThat(Arrays.copyOfRange(found, 100_600, 1 << 20)).containsOnly(0);
    }

    private void createFile(String path) {
        ops.add(new DiskOp.Create(clock.tick(), FILE, path));
    }

    private void write(long offset, int length, int value) {
        byte[] data = new byte[length];
        Arrays.fill(data, (byte) value);
        ops.add(new DiskOp.Write(clock.tick(), FILE, offset, data));
    }

    private void sync(int file) {
        long begin = clock.tick();
        ops.add(new DiskOp.Sync(clock.tick(), file, begin));
    }

    private void syncFolder(String path) {
        long begin = clock.tick();
        ops.add(new DiskOp.SyncFolder(clock.tick(), path, begin));
    }

    private DiskState at(long time, Profile profile, long seed) {
        return new CrashStates(ops).at(time, profile, seed);
    }

    private byte[] contents(Profile profile) {
        return contents(at(clock.now(), profile, 1));
    }

    private static byte[] contents(DiskState state) {
        FileImage image = state.image(FILE);
        return image.read(0, (int) image.size());
    }

    private Set<String> names(Profile profile) {
        return at(clock.now(), profile, 1).names().all().keySet();
    }

    /** First byte of every sector in the states of many seeds. */
    private Set<List<Byte>> states(Profile profile) {
        Set<List<Byte>> all = new HashSet<>();
        LongStream.range(0, 200)
                .forEach(
                        seed -> {
                            byte[] found = contents(at(clock.now(), profile, seed));
                            List<Byte> firsts = new ArrayList<>();
                            for (int i = 0; i < found.length; i += 512) {
                                firsts.add(found[i]);
                            }
                            all.add(firsts);
                        });
        return all;
    }

    private static byte[] bytes(int count, int value, int secondCount, int secondValue) {
        byte[] all = new byte[count + secondCount];
        Arrays.fill(all, 0, count, (byte) value);
        Arrays.fill(all, count, all.length, (byte) secondValue);
        return all;
    }
}
