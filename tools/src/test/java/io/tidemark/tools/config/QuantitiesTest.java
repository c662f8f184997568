package io.tidemark.tools.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
    @Test
    void sizesAreRead() {
        assertThat(Quantities.bytes("4096")).isEqualTo(4096);
        assertThat(Quantities.bytes("4KiB")).isEqualTo(4096);
        assertThat(Quantities.bytes("3 MiB")).isEqualTo(3 << 20);
        assertThat(Quantities.bytes("8388607 TiB")).isEqualTo(8388607L << 40);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GiB",
                "1 GB",
                "1.5 GiB",
                "-1",
                "8388608 TiB",
                "1 2",
                "99999999999999999999"
            })
    void otherTextIsNoSize(final String text) {
        assertThatThrownBy(() -> Quantities.bytes(text))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void durationsAreRead() {
        assertThat(Quantities.duration("250 ms")).isEqualTo(Duration.ofMillis(250));
        assertThat(Quantities.duration("5s")).isEqualTo(Duration.ofSeconds(5));
        assertThat(Quantities.duration("2 min")).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void bytesAreWrittenInTheLargestUnit() {
        assertThat(Quantities.text(0)).isEqualTo("0 B");
        assertThat(Quantities.text(1023)).isEqualTo("1023 B");
        assertThat(Quantities.text(4096)).isEqualTo("4 KiB");
        assertThat(Quantities.text(1536L << 20)).isEqualTo("1.5 GiB");
    }
}
