package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.client.NbdClient;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a power cut does to the end of a journal that was not on stable storage yet: the last
 * request goes as a whole, the one before stays, and the node says what it cut.
 */
class TornTailTest {
    private static final int VOLUME = 16 << 20;

    /** More than one entry holds, several times. */
    private static final int REQUEST = 1 << 20;

    private static final int PAGE = 4096;

    @RegisterExtension private final Cluster cluster = new Cluster();

    /** Last byte of the journal that is not zero, behind it the end of the last frame's padding. */
    private long lastByte;

    @BeforeEach
    void writeTwiceAndKill() throws Exception {
        cluster.configure(VOLUME, "peer-wait = \"100 ms\"", "sync-interval = \"1 min\"");
        start();
        try (NbdClient client = cluster.alpha().connect("r0")) {
            for (byte value = 1; value <= 2; value++) {
                byte[] content = new byte[REQUEST];
                Arrays.fill(content, value);
                client.write(0, ByteBuffer.wrap(content), false);
            }
        }
        cluster.alpha().kill();
        lastByte = lastByte();
    }

    private void start() throws Exception {
        cluster.alpha().start("primary");
        cluster.await(cluster.alpha(), "serves", s -> s.state().equals("serving"));
    }

    private Path segment() {
        return cluster.alpha().settings().directory().resolve("journal/0-0.rec");
    }

    private long lastByte() throws IOException {
        byte[] start = new byte[4 * REQUEST];
        try (RandomAccessFile file = new RandomAccessFile(segment().toFile(), "r")) {
            file.readFully(start);
        }
        int at = start.length - 1;
        while (start[at] == 0) {
            at--;
        }
        return at;
    }

    private void zero(long from, long to) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(segment().toFile(), "rw")) {
            file.seek(from);
            file.write(new byte[(int) (to - from)]);
        }
    }

    private void assertHolds(int value) throws Exception {
        ByteBuffer read = ByteBuffer.allocate(REQUEST);
        try (NbdClient client = cluster.alpha().connect("r0")) {
            client.read(0, read);
        }
        assertThat(read.array()).containsOnly((byte) value);
        cluster.alpha().stop();
    }

    private void assertLastRequestIsCut() throws Exception {
        start();
        assertThat(cluster.alpha().lines())
                .anyMatch(line -> line.matches(".*the log is cut from position \\d+ to \\d+: .+"));
        assertHolds(1);
        start();
        assertThat(cluster.alpha().lines()).noneMatch(line -> line.contains("the log is cut"));
        assertHolds(1);
    }

    @Test
    void nothingIsCutThatIsWhole() throws Exception {
        start();
        assertThat(cluster.alpha().lines()).noneMatch(line -> line.contains("the log is cut"));
        assertHolds(2);
    }

    @Test
    void aTornLastSectorCutsItsRequest() throws Exception {
        zero(lastByte - 511, lastByte + 1);
        assertLastRequestIsCut();
    }

    @Test
    void aLastFrameOfZeroesAcrossAPageCutsItsRequest() throws Exception {
        zero(lastByte / PAGE * PAGE - 2 * PAGE, lastByte + 1);
        assertLastRequestIsCut();
    }

    @Test
    void aHoleInTheMiddleOfTheLastRequestCutsIt() throws Exception {
        zero(lastByte - REQUEST / 2, lastByte - REQUEST / 2 + PAGE);
        assertLastRequestIsCut();
    }

    @Test
    void aFileThatEndsEarlyIsGivenItsLengthAndCut() throws Exception {
        NodeFiles.setLength(segment(), lastByte - 100);
        assertLastRequestIsCut();
    }

    @Test
    void aFileThatEndsRightBehindTheLastEntryIsWhole() throws Exception {
        NodeFiles.setLength(segment(), lastByte + 1);
        start();
        assertHolds(2);
    }
}
