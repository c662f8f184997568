package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.aeron.protocol.DataHeaderFlyweight;
import io.tidemark.journal.JournalException;
import io.tidemark.journal.epoch.EpochIdentity;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a log ends after a crash, and what is damage and must not be cut. */
class LogScanTest {
    private static final int SEGMENT = 2 * LogFabric.TERM_LENGTH;
    private static final int WINDOW = 20_000;
    private static final UUID NODE = new UUID(1, 2);
    private static final UUID RESOURCE = new UUID(7, 7);

    @TempDir Path directory;
    private final LogFabric log = new LogFabric();
    private final EntryContext context = new EntryContext().ofNode(0);
    private EpochIdentity first = log.nextEpoch(1, NODE);

    @BeforeEach
    void openAnEpoch() {
        first = log.nextEpoch(1, NODE);
        log.epochStart(first, RESOURCE, List.of(), 0);
    }

    private LogScan scan(long recordingEnd, long knownDurable) {
        return scanAs(NODE, recordingEnd, knownDurable);
    }

    private LogScan scanAs(UUID self, long recordingEnd, long knownDurable) {
        log.save(directory, 0, SEGMENT, log.end());
        LogFiles files = new LogFiles(directory, SEGMENT);
        files.recording(0);
        try (LogReader reader = new LogReader(new SegmentFiles(files), WINDOW)) {
            return LogScan.run(reader, Trail.EMPTY, recordingEnd, knownDurable, self, 0);
        }
    }

    private String damage(long knownDurable) {
        return damage(NODE, knownDurable);
    }

    private String damageAs(UUID self) {
        return damage(self, 0);
    }

    private String damage(UUID self, long knownDurable) {
        JournalException damage =
                catchThrowableOfType(
                        JournalException.class, () -> scanAs(self, log.end(), knownDurable));
        assertThat(damage).isNotNull();
        assertThat(damage.code()).isEqualTo(JournalException.Code.DAMAGED);
        return String.valueOf(damage.getMessage());
    }

    private void requests(int count) {
        for (int i = 0; i < count; i++) {
            log.request(0, i * 10_000L, new byte[10_000], 4_096, 0);
        }
    }

    @Test
    void aWholeLogEndsWhereItsRecordingEnds() {
        requests(50);
        LogScan scan = scan(log.end(), 0);
        assertThat(scan.torn()).isEmpty();
        assertThat(scan.trail().position()).isEqualTo(log.end());
        assertThat(scan.trail().chain()).isEqualTo(log.chain());
        assertThat(scan.trail().resource()).isEqualTo(RESOURCE);
    }

    @Test
    void aTornTailIsCutAtTheLastWholeRequest() {
        requests(3);
        long whole = log.end();
        long chain = log.chain();
        log.part(0, 0, new byte[10_000], 4_096, 0, 0);
        long between = log.end();
        log.part(0, 0, new byte[10_000], 4_096, 1, 0);
        for (long end : new long[] {between, between + 32, between + 1_000, log.end()}) {
            LogScan scan = scan(end, whole);
            assertThat(scan.trail().position()).isEqualTo(whole);
            assertThat(scan.trail().chain()).isEqualTo(chain);
            assertThat(scan.torn()).isNotEmpty();
        }
    }

    @Test
    void bytesThatNeverReachedTheDiskAreATornTail() {
        requests(3);
        long whole = log.end();
        log.request(0, 0, new byte[4_096], 4_096, 0);
        java.util.Arrays.fill(log.bytes(), (int) whole, (int) log.end(), (byte) 0);
        assertThat(scan(log.end(), whole).trail().position()).isEqualTo(whole);
    }

    @Test
    void anUnfinishedRequestThatAnotherEntryFollowsIsVoidAndStays() {
        requests(1);
        log.part(0, 0, new byte[10_000], 4_096, 0, 0);
        log.part(0, 0, new byte[10_000], 4_096, 1, 0);
        log.flush(context);
        LogScan scan = scan(log.end(), 0);
        assertThat(scan.trail().position()).isEqualTo(log.end());
        assertThat(scan.trail().chain()).isEqualTo(log.chain());
    }

    @Test
    void aVoidRequestBeforeAnUnfinishedOneDoesNotCount() {
        requests(1);
        log.part(0, 0, new byte[10_000], 4_096, 0, 0);
        long begun = log.end();
        long chain = log.chain();
        log.part(0, 0, new byte[10_000], 4_096, 0, 0);
        LogScan scan = scan(log.end(), 0);
        assertThat(scan.trail().position()).isEqualTo(begun);
        assertThat(scan.trail().chain()).isEqualTo(chain);
    }

    @Test
    void aPartThatIsMissingIsDamage() {
        log.part(0, 0, new byte[20_000], 4_096, 0, 0);
        log.part(0, 0, new byte[20_000], 4_096, 2, 0);
        assertThat(damage(0)).contains("part 2");
    }

    @Test
    void anInvalidEntryBelowWhatWasDurableIsDamage() {
        requests(3);
        long start = log.lastStart();
        log.bytes()[(int) start + 200] ^= 1;
        assertThat(damage(start + 1)).contains("position " + start).contains("checksum");
        assertThat(scan(log.end(), start).torn()).contains("checksum");
    }

    /** A longer frame looks like the half one at the end of a recording. */
    @Test
    void anOverlongFrameBelowWhatWasDurableIsDamageToo() {
        requests(1);
        log.flush(context);
        long start = log.lastStart();
        log.bytes()[(int) start + 1] ^= 0x10;
        assertThat(damage(start + 1)).contains("position " + start);
        assertThat(scan(log.end(), start).trail().position()).isEqualTo(start);
    }

    @Test
    void anInvalidEntryBelowWhatALaterOneCallsCommittedIsDamage() {
        requests(1);
        log.flush(context);
        long start = log.lastStart();
        log.request(0, 0, new byte[4_096], 4_096, log.end());
        log.bytes()[(int) start + 60] ^= 1;
        assertThat(damage(0)).contains("position " + start);
    }

    @Test
    void whatLaterEntriesCallCommittedProvesNothingToANodeThatWasNotInTheSet() {
        requests(1);
        long whole = log.end();
        log.flush(context);
        long start = log.lastStart();
        log.request(0, 0, new byte[4_096], 4_096, log.end());
        log.bytes()[(int) start + 60] ^= 1;
        LogScan scan = scanAs(new UUID(5, 5), log.end(), 0);
        assertThat(scan.trail().position()).isEqualTo(whole);
        assertThat(scan.torn()).contains("position " + start);
    }

    /** This node is in the set, writes that may tear, is dropped, and is left behind. */
    private long droppedWhileItLagged(UUID self, boolean gapBehind) {
        log.inSyncSet(1, List.of(self), 0);
        requests(1);
        log.flush(context);
        long torn = log.lastStart();
        log.inSyncSet(1, List.of(), torn);
        if (gapBehind) {
            log.flush(context);
            log.bytes()[(int) log.lastStart() + 60] ^= 1;
        }
        log.request(0, 0, new byte[4_096], 4_096, log.end());
        log.bytes()[(int) torn + 60] ^= 1;
        return torn;
    }

    @Test
    void whatIsCommittedAfterThisNodeWasDroppedFromTheSetProvesNothing() {
        UUID self = new UUID(5, 5);
        long torn = droppedWhileItLagged(self, false);
        assertThat(scanAs(self, log.end(), 0).trail().position()).isEqualTo(torn);
        assertThat(damage(0)).as("to the primary it does").contains("position " + torn);
    }

    @Test
    void behindAFurtherGapTheNodeMayHaveJoinedAgain() {
        UUID self = new UUID(5, 5);
        long torn = droppedWhileItLagged(self, true);
        assertThat(damageAs(self)).contains("position " + torn);
    }

    @Test
    void whatIsCommittedAfterThisNodeJoinedProvesWhatLiesBeforeIt() {
        UUID self = new UUID(5, 5);
        requests(1);
        log.flush(context);
        long start = log.lastStart();
        log.inSyncSet(1, List.of(self), start);
        log.bytes()[(int) start + 60] ^= 1;
        assertThat(scanAs(self, log.end(), 0).trail().position()).isEqualTo(start);
        log.request(0, 0, new byte[4_096], 4_096, log.end());
        assertThat(damageAs(self)).contains("position " + start);
    }

    @Test
    void aCutThatWasBegunIsDoneAgainWhateverLiesBehind() {
        requests(1);
        log.flush(context);
        long start = log.lastStart();
        log.request(0, 0, new byte[4_096], 4_096, log.end());
        DataHeaderFlyweight header = new DataHeaderFlyweight();
        header.wrap(log.bytes(), (int) start, DataHeaderFlyweight.HEADER_LENGTH);
        header.headerType(DataHeaderFlyweight.HDR_TYPE_PAD)
                .frameLength(DataHeaderFlyweight.HEADER_LENGTH);
        header.reservedValue(EntryLayout.CUT_MARK);
        assertThat(scan(log.end(), 0).trail().position()).isEqualTo(start);
        assertThat(damage(start + 1)).contains("position " + start);
        header.reservedValue(0);
        assertThat(damage(0)).contains("position " + start);
    }

    @Test
    void anEntryThatDoesNotSayMoreIsATornTailLikeTheOneBeforeIt() {
        requests(1);
        log.flush(context);
        long start = log.lastStart();
        log.request(0, 0, new byte[4_096], 4_096, start);
        log.bytes()[(int) start + 60] ^= 1;
        assertThat(scan(log.end(), 0).trail().position()).isEqualTo(start);
    }

    @Test
    void aSealThatContradictsTheEntriesBeforeItIsDamage() {
        requests(1);
        log.seal(1, log.chain(), 0);
        long good = log.end();
        assertThat(scan(good, 0).trail().position()).isEqualTo(good);
        log.seal(1, log.chain() + 1, 0);
        assertThat(damage(0)).contains("seal");
    }

    @Test
    void anEpochThatStartsOnAnotherHistoryIsDamage() {
        requests(1);
        EpochIdentity right = log.nextEpoch(2, NODE);
        log.epochStart(
                new EpochIdentity(
                        2, right.startPosition(), right.chainHash() + 1, NODE, right.id()),
                RESOURCE,
                List.of(),
                0);
        assertThat(damage(0)).contains("epoch 2");
    }

    @Test
    void anEpochThatNamesAnotherPositionIsDamage() {
        requests(1);
        EpochIdentity right = log.nextEpoch(2, NODE);
        log.epochStart(
                new EpochIdentity(
                        2, right.startPosition() + 32, right.chainHash(), NODE, right.id()),
                RESOURCE,
                List.of(),
                0);
        assertThat(damage(0)).contains("epoch 2");
    }

    @Test
    void epochsInSyncSetAndHeirAreFoundOnTheWay() {
        requests(20);
        UUID other = new UUID(3, 4);
        log.inSyncSet(1, List.of(other), 0);
        long setAt = log.lastStart();
        log.epochEnd(1, other, 0);
        LogScan scan = scan(log.end(), 0);
        assertThat(scan.trail().epochs().epochs()).containsExactly(first);
        assertThat(scan.trail().inSync()).containsExactly(other);
        assertThat(scan.trail().inSyncPosition()).isEqualTo(setAt);
        assertThat(scan.trail().heir()).isEqualTo(other);
        EpochIdentity second = log.nextEpoch(2, other);
        log.epochStart(second, RESOURCE, List.of(NODE), 0);
        scan = scan(log.end(), 0);
        assertThat(scan.trail().epochs().epochs()).containsExactly(first, second);
        assertThat(scan.trail().inSync()).containsExactly(NODE);
        assertThat(scan.trail().heir()).isNull();
    }

    @Test
    void aMissingSegmentIsDamage() {
        requests(40);
        log.save(directory, 0, SEGMENT, SEGMENT);
        LogFiles files = new LogFiles(directory, SEGMENT);
        files.recording(0);
        try (LogReader reader = new LogReader(new SegmentFiles(files), WINDOW)) {
            JournalException damage =
                    catchThrowableOfType(
                            JournalException.class,
                            () -> LogScan.run(reader, Trail.EMPTY, log.end(), log.end(), NODE, 0));
            assertThat(damage.code()).isEqualTo(JournalException.Code.DAMAGED);
            assertThat(damage).hasMessageContaining("missing");
        }
    }
}
