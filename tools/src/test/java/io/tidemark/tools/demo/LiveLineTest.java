package io.tidemark.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.tools.admin.JournalStatus;
import io.tidemark.tools.admin.PeerStatus;
import io.tidemark.tools.admin.PositionsStatus;
import io.tidemark.tools.admin.ResourceStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveLineTest {
    private static final long SECOND_NS = 1_000_000_000;
    private final LiveLine line = new LiveLine();

    @Test
    void positionsLagAndRateAreShown() {
        line.next(status("primary", "serving", 1 << 20), status("replica", "live", 1 << 20), 0);

        assertThat(
                        line.next(
                                status("primary", "serving", 5 << 20),
                                status("replica", "live", 4 << 20),
                                2 * SECOND_NS))
                .isEqualTo(
                        "alpha primary serving, appended 5 MiB, recorded 5 MiB, applied 4 MiB"
                                + " | beta replica live, appended 4 MiB, recorded 4 MiB, applied 3 MiB"
                                + " | lag 4 KiB 0.5 s, 2 MiB/s");
    }

    @Test
    void aNodeThatDoesNotAnswerIsSaid() {
        assertThat(line.next(null, status("primary", "serving", 1 << 20), 0))
                .startsWith("alpha does not answer | beta primary serving");
        assertThat(line.next(null, null, 0)).endsWith("no primary");
    }

    private static ResourceStatus status(
            final String role, final String state, final long appended) {
        final PositionsStatus positions =
                new PositionsStatus(
                        appended, appended, appended, appended, appended - (1 << 20), 0);
        return new ResourceStatus(
                "r0",
                role,
                state,
                1,
                positions,
                List.of(new PeerStatus("peer", "live", true, positions, 4096, 0.5, "")),
                List.of("peer"),
                "C",
                "",
                JournalStatus.UNKNOWN);
    }
}
