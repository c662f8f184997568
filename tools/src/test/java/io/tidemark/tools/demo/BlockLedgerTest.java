package io.tidemark.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockLedgerTest {
    private static final int FIRST = 10;
    private final TestBlock test = new TestBlock(42);
    private final BlockLedger ledger = new BlockLedger(FIRST, 8);
    @TempDir private Path folder;
    private FileChannel copy;

    @BeforeEach
    void anEmptyVolume() throws IOException {
        copy =
                FileChannel.open(
                        folder.resolve("copy"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        copy.write(ByteBuffer.allocate(1), (FIRST + 8) * TestBlock.BYTES - 1);
    }

    @AfterEach
    void closeIt() throws IOException {
        copy.close();
    }

    @Test
    void whatWasAnsweredMustBeThere() throws Exception {
        ledger.sent(new BlockLedger.Request(2, 3, 1));
        ledger.answered();
        assertThat(verify()).isEqualTo(new BlockLedger.Verdict(1, 3, 0));

        put(2, 1);
        put(3, 1);
        put(4, 1);
        assertThat(verify().good()).isTrue();
    }

    @Test
    void whatWasNotAnsweredMayBeThereWholeOrNotAtAll() throws Exception {
        ledger.sent(new BlockLedger.Request(2, 2, 1));
        assertThat(verify().good()).isTrue();

        put(2, 1);
        assertThat(verify()).isEqualTo(new BlockLedger.Verdict(0, 0, 1));

        put(3, 1);
        assertThat(verify().good()).isTrue();
    }

    @Test
    void anOlderGenerationIsALoss() throws Exception {
        ledger.sent(new BlockLedger.Request(0, 1, 1));
        ledger.answered();
        ledger.sent(new BlockLedger.Request(0, 1, 2));
        ledger.answered();
        put(0, 1);

        assertThat(verify()).isEqualTo(new BlockLedger.Verdict(2, 1, 0));
    }

    @Test
    void aBlockInTheWrongPlaceOrOfAnotherRunOrDamagedIsALoss() throws Exception {
        ledger.sent(new BlockLedger.Request(0, 3, 7));
        ledger.answered();
        write(0, block(test, FIRST + 1, 7));
        write(1, block(new TestBlock(43), FIRST + 1, 7));
        write(2, block(test, FIRST + 2, 7).put(4000, (byte) 1));

        assertThat(verify()).isEqualTo(new BlockLedger.Verdict(1, 3, 0));
    }

    private BlockLedger.Verdict verify() throws IOException {
        return ledger.verify(copy, test);
    }

    private void put(final int block, final long generation) throws IOException {
        write(block, block(test, FIRST + block, generation));
    }

    private void write(final int block, final ByteBuffer content) throws IOException {
        copy.write(content, (long) (FIRST + block) * TestBlock.BYTES);
    }

    private static ByteBuffer block(
            final TestBlock test, final long number, final long generation) {
        final ByteBuffer buffer = ByteBuffer.allocate(TestBlock.BYTES);
        test.put(buffer, number, generation);
        return buffer.flip();
    }
}
