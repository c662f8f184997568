package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promises of one disk to several resources. What is free changes while the test runs. */
class JournalDiskTest {
    private static final long GIBIBYTE = 1L << 30;

    @Test
    void nobodyHoldsLessThanIsOfUse(@TempDir Path directory) throws IOException {
        JournalDisk disk = new JournalDisk(directory);
        long all = disk.available(JournalDisk.FLOOR);
        assertThat(disk.promise("a", all - GIBIBYTE / 4, Long.MAX_VALUE)).isPositive();

        assertThat(disk.promise("b", GIBIBYTE, Long.MAX_VALUE)).isZero();
        disk.release("a");
        assertThat(disk.available(JournalDisk.FLOOR)).isGreaterThan(all - GIBIBYTE / 4);
        assertThat(disk.promise("b", GIBIBYTE, Long.MAX_VALUE))
                .isGreaterThanOrEqualTo(GIBIBYTE)
                .isLessThan(all);
    }

    @Test
    void theNodesOwnEntriesDrawOnTheFloor(@TempDir Path directory) throws IOException {
        JournalDisk disk = new JournalDisk(directory);
        long all = disk.available(JournalDisk.FLOOR);
        disk.promise("a", all, all);
        assertThat(disk.available(JournalDisk.LAST))
                .isGreaterThanOrEqualTo(disk.available(JournalDisk.FLOOR));
    }
}
