package io.tidemark.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NbdAddressTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:10809", "unix:/run/tidemark/nbd.sock", "0.0.0.0:0"})
    void whatIsReadIsWrittenTheSame(String text) {
        assertThat(NbdAddress.format(NbdAddress.parse(text))).isEqualTo(text);
    }

    @Test
    void ipv6StandsInBrackets() {
        InetSocketAddress address = (InetSocketAddress) NbdAddress.parse("[::1]:10809");
        assertThat(address.getPort()).isEqualTo(10_809);
        assertThat(NbdAddress.format(address)).isEqualTo("[0:0:0:0:0:0:0:1]:10809");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "unix:", "localhost", ":10809", "127.0.0.1:x", "127.0.0.1:65536"})
    void anythingElseIsRefusedByName(String text) {
        assertThatThrownBy(() -> NbdAddress.parse(text))
                .isInstanceOf(NbdException.class)
                .hasMessageContaining("'" + text + "'");
    }

    @Test
    void anAmbiguousIpv6AddressIsRefused() {
        assertThatThrownBy(() -> NbdAddress.parse("::1:10809")).hasMessageContaining("brackets");
    }
}
