package io.tidemark.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Bytes that are on disks and wires already. A test that fails here is right: add fields at the end
 * with a new schema version, and a new golden string beside the old one, which must still decode.
 */
public final class GoldenBytes {
    private GoldenBytes() {}

    /**
     * Compares encoded bytes with the golden ones, and returns a buffer of the latter to decode.
     */
    public static DirectBuffer check(DirectBuffer encoded, int length, String golden) {
        byte[] bytes = new byte[length];
        encoded.getBytes(0, bytes);
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(golden);
        return new UnsafeBuffer(HexFormat.of().parseHex(golden));
    }
}
