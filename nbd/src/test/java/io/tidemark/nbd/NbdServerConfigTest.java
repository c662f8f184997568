package io.tidemark.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class NbdServerConfigTest {
    private static final NbdServerConfig DEFAULTS =
            NbdServerConfig.defaults(List.of(NbdAddress.parse("127.0.0.1:0")));

    private static void assertRefused(String setting, UnaryOperator<Limits> change) {
        assertThatThrownBy(() -> change.apply(Limits.of(DEFAULTS)).build())
                .isInstanceOfSatisfying(
                        NbdException.class,
                        e -> assertThat(e.code()).isEqualTo(NbdException.Code.CONFIG_INVALID))
                .hasMessageStartingWith(setting);
    }

    @Test
    void aServerNeedsAnAddress() {
        assertThatThrownBy(() -> NbdServerConfig.defaults(List.of()))
                .hasMessageStartingWith("listen");
    }

    @Test
    void everyBudgetHoldsTheLargestRequest() {
        assertRefused("payloadBudgetBytes", limits -> limits.payload(32 << 20));
        assertRefused("readBudgetBytes", limits -> limits.read(32 << 20));
        assertThat(Limits.of(DEFAULTS).payload(137 * 245_760L).build()).isNotNull();
        assertThat(Limits.of(DEFAULTS).read((32 << 20) + 32).build()).isNotNull();
    }

    @Test
    void limitsOutsideTheProtocolAreRefused() {
        assertRefused("maxRequestBytes", limits -> limits.request(4095));
        assertRefused("maxRequestBytes", limits -> limits.request((32 << 20) + 1));
        assertRefused("maxConnections", limits -> limits.connections(0));
        assertRefused("maxOutstanding", limits -> limits.outstanding(0));
    }
}
